//! Annotations that deserve a second look: probably wrong labels, near-duplicates that are labelled differently, and
//! sentences that stand in the test set too.

use serde::Serialize;

use super::label_errors::{Doubt, Usual, doubts, suggested, usual};
use super::near::NearDuplicates;
use super::select::check_similarity;
use super::suspicion::Suspicion;
use crate::dataset::{Annotation, LabelledSet};
use crate::error::Error;
use crate::evaluation::Outcome;
use crate::label::LabelSchema;
use crate::train::{CrossValidated, Progress, TrainParams, Unconverged, cross_validate};

/// Of how many near-duplicates a sentence's reasons tell.
const TOLD_DUPLICATES: usize = 3;

/// A sentence to look at again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspect {
    /// Its id.
    pub id: String,
    /// The sentence.
    pub text: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// The labels that confident learning would give it.
    pub suggested: Vec<String>,
    /// How suspect it is, in [0, 1].
    pub score: f64,
    /// Why, the gravest first; at least one.
    pub reasons: Vec<Suspicion>,
}

/// What an audit says of one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelAudit {
    /// The label.
    pub label: String,
    /// How many sentences have it.
    pub given: usize,
    /// How many of them confident learning counts as errors.
    pub wrongly_given: usize,
    /// To how many others it counts it as missing.
    pub missing: usize,
}

/// The result of an audit.
#[derive(Debug, Clone, Serialize)]
pub struct Audit {
    /// How many sentences were looked at.
    pub sentences: usize,
    /// One for each label.
    pub labels: Vec<LabelAudit>,
    /// The suspects, most suspect first.
    pub suspects: Vec<Suspect>,
    /// Fits of the cross-validation that stopped before they converged.
    #[serde(skip)]
    pub unconverged: Vec<Unconverged>,
}

/// Settings of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditParams {
    /// Settings of the cross-validation.
    pub training: TrainParams,
    /// The least similarity of near-duplicates, in (0, 1] (see [`NearDuplicates`]). Default: 0.6.
    pub similarity: f64,
    /// Whether the sentences of a topic (else source) are judged together, by a model that saw none of them, instead of each
    /// by a model that may have seen its topic. Default: false.
    pub by_topic: bool,
}

impl Default for AuditParams {
    fn default() -> Self {
        Self {
            training: TrainParams::default(),
            similarity: 0.6,
            by_topic: false,
        }
    }
}

/// Looks for mistakes in `annotations`, whose texts may repeat; `test` are those that a model is to be measured on, or none.
/// The order of annotations does not matter.
///
/// # Errors
/// If a setting is out of range, a label is not in `schema` (none: any), or the annotations cannot be cross-validated.
pub fn audit(
    annotations: &[Annotation],
    test: &[Annotation],
    schema: Option<LabelSchema>,
    params: &AuditParams,
    progress: &dyn Progress,
) -> Result<Audit, Error> {
    check_similarity(params.similarity)?;
    let mut grouped = annotations.to_vec();
    if !params.by_topic {
        // Without topic and source, a sentence is a group of its own.
        for annotation in &mut grouped {
            (annotation.topic, annotation.source) = (None, None);
        }
    }
    let set = LabelledSet::new(grouped, schema)?;
    let annotations = in_order_of(&set, annotations, params.by_topic)?;
    let CrossValidated { outcomes, unconverged } = cross_validate(&set, &params.training, progress)?;
    let names = set.schema().names();
    let usual = usual(&outcomes, names.len());
    let doubted: Vec<Vec<Doubt>> = outcomes.iter().map(|outcome| doubts(outcome, &usual)).collect();
    let texts = annotations.iter().copied().chain(test).map(|a| a.text.as_str());
    let near = NearDuplicates::find(texts, params.similarity);
    let both: Vec<&Annotation> = annotations.iter().copied().chain(test).collect();
    let mut suspects: Vec<Suspect> = (0..annotations.len())
        .filter_map(|row| {
            let mut reasons: Vec<Suspicion> = doubted[row].iter().map(|d| of_label(d, names, &usual)).collect();
            reasons.extend(of_neighbours(row, annotations.len(), &both, &near));
            let suggested = suggested(outcomes[row].truth, &doubted[row], names.len());
            suspect(annotations[row], set.schema().names_of(suggested), reasons)
        })
        .collect();
    suspects.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    Ok(Audit {
        sentences: annotations.len(),
        labels: by_label(names, &outcomes, &doubted),
        suspects,
        unconverged,
    })
}

/// The annotations in the order of the rows of the set that was made of them.
fn in_order_of<'a>(
    set: &LabelledSet,
    annotations: &'a [Annotation],
    by_topic: bool,
) -> Result<Vec<&'a Annotation>, Error> {
    let mut keyed = Vec::with_capacity(annotations.len());
    for annotation in annotations {
        let labels = set.schema().set_of(&annotation.labels)?;
        let group = if by_topic { annotation.group() } else { &annotation.id };
        keyed.push((annotation.text.as_str(), labels, group, &annotation.id, annotation));
    }
    keyed.sort_by(|a, b| (a.0, a.1, a.2, a.3).cmp(&(b.0, b.1, b.2, b.3)));
    Ok(keyed.into_iter().map(|(.., annotation)| annotation).collect())
}

fn of_label(doubt: &Doubt, names: &[String], usual: &[Usual]) -> Suspicion {
    Suspicion::Label {
        label: names[doubt.label].clone(),
        given: doubt.given,
        probability: doubt.probability,
        usual_given: usual[doubt.label].given,
        usual_not_given: usual[doubt.label].not_given,
        confident: doubt.confident,
    }
}

/// What the near-duplicates of sentence `row` give reason for. `both` are the training and, from `trained` on, the test sentences.
fn of_neighbours(row: usize, trained: usize, both: &[&Annotation], near: &NearDuplicates) -> Vec<Suspicion> {
    let class = near.class(row);
    if !has_words(&both[row].text) {
        return Vec::new();
    }
    let mut others: Vec<(usize, f64)> = vec![(class, 1.0)];
    others.extend(near.near(class));
    others.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let sorted = |labels: &[String]| {
        let mut labels = labels.to_vec();
        labels.sort();
        labels
    };
    let own = sorted(&both[row].labels);
    let (mut otherwise, mut tested) = (Vec::new(), Vec::new());
    for (class, similarity) in others {
        for &other in near.members(class) {
            let (id, text) = (both[other].id.clone(), both[other].text.clone());
            let labels = sorted(&both[other].labels);
            if other >= trained && tested.len() < TOLD_DUPLICATES {
                tested.push(Suspicion::InTest {
                    id,
                    text,
                    labels,
                    similarity,
                });
            } else if other < trained && other != row && labels != own && otherwise.len() < TOLD_DUPLICATES {
                otherwise.push(Suspicion::DuplicateWithOtherLabels {
                    id,
                    text,
                    labels,
                    similarity,
                });
            }
        }
    }
    otherwise.append(&mut tested);
    otherwise
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

fn suspect<'n>(
    annotation: &Annotation,
    suggested: impl Iterator<Item = &'n str>,
    mut reasons: Vec<Suspicion>,
) -> Option<Suspect> {
    reasons.sort_by(|a, b| b.score().total_cmp(&a.score()));
    // Reasons of different kinds support each other; of one kind, the gravest counts.
    let gravest = |of_kind: fn(&Suspicion) -> bool| {
        let scores = reasons.iter().filter(|r| of_kind(r)).map(Suspicion::score);
        1.0 - scores.fold(0.0, f64::max)
    };
    let clean = gravest(|r| matches!(r, Suspicion::Label { .. }))
        * gravest(|r| matches!(r, Suspicion::DuplicateWithOtherLabels { .. }))
        * gravest(|r| matches!(r, Suspicion::InTest { .. }));
    (!reasons.is_empty()).then(|| Suspect {
        id: annotation.id.clone(),
        text: annotation.text.clone(),
        labels: annotation.labels.clone(),
        suggested: suggested.map(str::to_owned).collect(),
        score: 1.0 - clean,
        reasons,
    })
}

fn by_label(names: &[String], outcomes: &[Outcome], doubted: &[Vec<Doubt>]) -> Vec<LabelAudit> {
    let counted = |label: usize, given: bool| {
        let all = doubted.iter().flatten();
        all.filter(|d| d.label == label && d.given == given && d.confident)
            .count()
    };
    names
        .iter()
        .enumerate()
        .map(|(label, name)| LabelAudit {
            label: name.clone(),
            given: outcomes.iter().filter(|o| o.truth.contains(label)).count(),
            wrongly_given: counted(label, true),
            missing: counted(label, false),
        })
        .collect()
}
