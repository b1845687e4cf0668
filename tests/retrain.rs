//! Training that starts from a model, and updates that stay near one.

mod synthetic;

use bayan::dataset::LabelledSet;
use bayan::features::{FeatureParams, Norm};
use bayan::model_file::{digest, to_bytes};
use bayan::train::{Silent, Start, TrainParams, UpdateParams, train, train_from, update};
use bayan::{Classifier, LabelSchema};

const NAMES: [&str; 3] = ["claim", "denial", "threat"];

fn set(range: std::ops::Range<usize>) -> LabelledSet {
    LabelledSet::new(synthetic::annotations(range), Some(LabelSchema::new(NAMES).unwrap())).unwrap()
}

fn params() -> TrainParams {
    TrainParams {
        features: FeatureParams {
            char_ngrams: None,
            ..FeatureParams::default()
        },
        folds: 3,
        c_grid: vec![1.0],
        tolerance: 1e-7,
        ..TrainParams::default()
    }
}

fn model(set: &LabelledSet, params: &TrainParams) -> Classifier {
    train(set, params, &Silent).unwrap().classifier
}

fn updated(old: &Classifier, set: &LabelledSet, pull: f64) -> Classifier {
    let training = TrainParams::of_model(old);
    let digest = digest(&to_bytes(old).unwrap());
    let start = Start {
        classifier: old,
        digest: &digest,
    };
    update(start, set, &UpdateParams { pull, training }, &Silent)
        .unwrap()
        .classifier
}

#[test]
fn a_start_at_old_weights_ends_where_a_cold_one_does() {
    let old = model(&set(0..300), &params());
    let all = set(0..360);
    let cold = train(&all, &params(), &Silent).unwrap();
    let digest = digest(&to_bytes(&old).unwrap());
    let start = Start {
        classifier: &old,
        digest: &digest,
    };
    let settings = TrainParams::of_model(&old);
    assert_eq!(settings.chosen_c.len(), 3);
    assert_eq!(
        (&settings.features, settings.folds, settings.tolerance),
        (&params().features, 3, 1e-7)
    );
    let warm = train_from(Some(start), &all, &settings, &Silent).unwrap();
    for row in all.rows() {
        let logits = [&cold, &warm].map(|trained| trained.classifier.decision_function(&row.text));
        for (a, b) in logits[0].iter().zip(&logits[1]) {
            assert!((a - b).abs() < 2e-3, "{a} {b}");
        }
    }
    assert_eq!(cold.evaluation.labels.len(), warm.evaluation.labels.len());
    for (a, b) in cold.evaluation.labels.iter().zip(&warm.evaluation.labels) {
        assert!((a.log_loss - b.log_loss).abs() < 1e-3 && (a.scores.f1 - b.scores.f1).abs() < 1e-2);
    }
    let iterations = |c: &Classifier| c.info().fits.iter().map(|fit| fit.convergence.iterations).sum::<u64>();
    assert!(warm.unconverged.is_empty() && iterations(&warm.classifier) < iterations(&cold.classifier));
    let update = warm.classifier.info().update.clone().unwrap();
    assert_eq!((update.parent, update.pull), (digest, None));
    assert!(cold.classifier.info().update.is_none());
}

#[test]
fn a_huge_pull_leaves_every_prediction_as_it_is() {
    for norm in [Norm::SqrtLength, Norm::L2, Norm::None] {
        let mut params = params();
        params.features.norm = norm;
        let old = model(&set(0..240), &params);
        // From 800 on most verbs meet other things; "خبر" is a word that the model does not know.
        let mut annotations = synthetic::annotations(800..860);
        annotations.iter_mut().for_each(|a| a.text += " خبر");
        let new = LabelledSet::new(annotations, Some(old.schema().clone())).unwrap();
        let kept = updated(&old, &new, 1e12);
        let changed = updated(&old, &new, 0.1);
        assert!(changed.parts().vocabulary.column("wخبر").is_some() && old.parts().vocabulary.column("wخبر").is_none());
        let mut moved = false;
        for row in set(0..240).rows().iter().chain(new.rows()) {
            assert_eq!(kept.predict(&row.text), old.predict(&row.text), "{norm:?}");
            moved |= changed.predict(&row.text) != old.predict(&row.text);
        }
        assert!(moved);
        assert_eq!(
            (kept.thresholds(), &kept.parts().calibration),
            (old.thresholds(), &old.parts().calibration)
        );
    }
}

#[test]
fn a_tiny_pull_fits_the_new_sentences_and_a_larger_one_stays_nearer() {
    let old = model(&set(0..240), &params());
    // The new annotators see it the other way round: what was a claim is a denial.
    let mut annotations = synthetic::annotations(400..480);
    for annotation in &mut annotations {
        for label in &mut annotation.labels {
            *label = match label.as_str() {
                "claim" => "denial".into(),
                "denial" => "claim".into(),
                other => other.into(),
            };
        }
    }
    let new = LabelledSet::new(annotations, Some(old.schema().clone())).unwrap();
    let right = |classifier: &Classifier| {
        let rows = new.rows().iter();
        rows.filter(|row| classifier.predict(&row.text).labels == row.labels)
            .count()
    };
    let distance = |classifier: &Classifier| -> f64 {
        let rows = set(0..240);
        let logits = rows
            .rows()
            .iter()
            .map(|row| (classifier.decision_function(&row.text)[0] - old.decision_function(&row.text)[0]).abs());
        logits.sum()
    };
    let models: Vec<Classifier> = [1e-3, 1.0, 30.0]
        .iter()
        .map(|&pull| updated(&old, &new, pull))
        .collect();
    assert!(right(&models[0]) + 3 >= new.rows().len());
    assert!(right(&models[0]) >= right(&models[1]) && right(&models[1]) > right(&models[2]));
    assert!(distance(&models[0]) > distance(&models[1]) && distance(&models[1]) > distance(&models[2]));
    assert!(models[0].info().cross_validation.is_none());
    assert_eq!(models[1].info().update.as_ref().unwrap().pull, Some(1.0));
    assert_eq!(
        models[1].info().fits[0].params,
        old.info().fits[0].params,
        "a later training knows what was chosen"
    );
}

#[test]
fn an_update_minimises_what_the_documentation_says() {
    // Without idf and scales, d is 1 and the objective can be computed from the models alone.
    let mut params = params();
    params.features.idf = false;
    params.log_count_ratio = None;
    let old = model(&set(0..240), &params);
    // Of a single group no sentence can be held out, so the intercept is not moved again.
    let mut annotations = synthetic::annotations(400..470);
    annotations.iter_mut().for_each(|a| a.topic = Some("one".into()));
    let (new, pull) = (LabelledSet::new(annotations, Some(old.schema().clone())).unwrap(), 0.7);
    let end = updated(&old, &new, pull);
    // Weights by feature in the larger vocabulary.
    let keys: Vec<&str> = end.parts().vocabulary.keys().collect();
    let weight = |c: &Classifier, key: &str, label| {
        c.parts()
            .vocabulary
            .column(key)
            .map_or(0.0, |column| c.parts().weights.weight(column, label))
    };
    for (label, platt) in old.parts().calibration.iter().enumerate() {
        let squares = keys
            .iter()
            .map(|key| (weight(&end, key, label) - weight(&old, key, label)).powi(2))
            .sum::<f64>()
            + (end.parts().intercepts[label] - old.parts().intercepts[label]).powi(2);
        // At a point between (or beyond) the two models, logits are between (or beyond) theirs, being linear.
        let objective = |t: f64| {
            let loss: f64 = new
                .rows()
                .iter()
                .map(|row| {
                    let (from, to) = (
                        old.decision_function(&row.text)[label],
                        end.decision_function(&row.text)[label],
                    );
                    let p = platt.probability(from + t * (to - from));
                    if row.labels.contains(label) {
                        -p.ln()
                    } else {
                        -(1.0 - p).ln()
                    }
                })
                .sum();
            loss + pull / 2.0 * platt.slope.powi(2) * t * t * squares
        };
        let step = 1e-3;
        let slope_at_end = (objective(1.0 + step) - objective(1.0 - step)) / (2.0 * step);
        let slope_at_start = (objective(step) - objective(-step)) / (2.0 * step);
        assert!(slope_at_start < -1e-2, "{slope_at_start}");
        assert!(
            slope_at_end.abs() < 1e-2 * slope_at_start.abs(),
            "{slope_at_end} {slope_at_start}"
        );
    }
}

#[test]
fn new_sentences_of_a_single_kind_are_enough() {
    let old = model(&set(0..240), &params());
    let mut annotations = synthetic::annotations(600..640);
    annotations.retain(|a| a.labels.is_empty());
    let new = LabelledSet::new(annotations, Some(old.schema().clone())).unwrap();
    let classifier = updated(&old, &new, 0.01);
    assert!(
        new.rows()
            .iter()
            .all(|row| classifier.predict(&row.text).labels.is_empty())
    );
}

#[test]
fn the_schema_grows_only_at_its_end() {
    let old = model(&set(0..240), &params());
    let digest = digest(&to_bytes(&old).unwrap());
    let start = Start {
        classifier: &old,
        digest: &digest,
    };
    let mut annotations = synthetic::annotations(400..520);
    for annotation in annotations.iter_mut().filter(|a| a.labels.is_empty()) {
        annotation.labels.push("visit".into());
    }
    let set_of = |names: &[&str]| {
        LabelledSet::new(
            annotations.clone(),
            Some(LabelSchema::new(names.iter().copied()).unwrap()),
        )
        .unwrap()
    };
    let params = UpdateParams {
        pull: 1.0,
        training: TrainParams {
            c_grid: vec![1.0],
            ..TrainParams::of_model(&old)
        },
    };
    let wrong = update(
        start,
        &set_of(&["visit", "claim", "denial", "threat"]),
        &params,
        &Silent,
    );
    assert!(
        wrong
            .unwrap_err()
            .to_string()
            .contains("labels first: claim, denial, threat")
    );
    let grown = set_of(&["claim", "denial", "threat", "visit"]);
    let new = update(start, &grown, &params, &Silent).unwrap();
    assert_eq!(new.new_labels.unwrap().labels[0].label, "visit");
    assert_eq!(new.classifier.schema().names(), ["claim", "denial", "threat", "visit"]);
    assert_eq!(new.classifier.info().fits.len(), 4);
    let visits = grown.rows().iter().filter(|row| row.labels.contains(3));
    let (all, found) = visits.fold((0, 0), |(all, found), row| {
        (
            all + 1,
            found + usize::from(new.classifier.predict(&row.text).labels.contains(3)),
        )
    });
    assert!(10 * found >= 9 * all, "{found} of {all}");
    for pull in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let params = UpdateParams { pull, ..params.clone() };
        assert!(
            update(start, &grown, &params, &Silent)
                .unwrap_err()
                .to_string()
                .contains("pull is")
        );
    }
}
