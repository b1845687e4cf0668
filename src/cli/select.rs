//! `bayan select`.

use std::path::Path;

use super::label::cutting;
use super::output::{note, print, prove_writable};
use super::select_args::SelectArgs;
use super::sources::Located;
use super::worker::{Beginning, Done, Handle, Worker};
use super::{Outcome, complain, interrupt, load_model, pipeline, progress, sources, thread_count};
use crate::classifier::{Classifier, Labeller};
use crate::curate::{Appraiser, Candidate, Pool, Reason, SelectParams, Selected};
use crate::dataset::find_files;
use crate::dataset::formats::{Example, ReadOptions, Suggestion, read_example_files, write_examples};
use crate::error::Error;
use crate::io::{Inputs, Record, write_atomically};

/// Where a sentence stands.
#[derive(Debug, Clone)]
struct Origin {
    document: String,
    /// Its number in the document; `None` where it is the whole of it.
    sentence: Option<usize>,
}

/// Selects sentences of the input to be annotated.
pub fn select(args: SelectArgs, quiet: bool) -> Result<Outcome, Error> {
    let classifier = load_model(&args.model)?;
    let mut pool = Pool::new(&classifier, params(&args))?;
    let excluded = exclude(&args, &mut pool)?;
    let path = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let (sources, faults) = sources::find(&args.input, path);
    faults.iter().for_each(complain);
    path.map(prove_writable).transpose()?;
    interrupt::clean_up_on_interrupt()?;
    let offered = offer(&args, sources, &classifier, &mut pool, quiet)?;
    let distinct = pool.distinct();
    let selected = pool.select();
    let mut options = args.write.options();
    if options.labels.is_empty() {
        options.labels = classifier.schema().names().to_vec();
    }
    let examples: Vec<Example> = selected.iter().map(|s| example(&classifier, s)).collect();
    let written = write_examples(&examples, &options)?;
    match path {
        Some(path) => write_atomically(path, &written)?,
        None => print(&String::from_utf8_lossy(&written))?,
    }
    if !quiet {
        note(&summary(&selected, distinct, excluded));
        if offered.missing > 0 {
            note(&format!("{} rows held no text", offered.missing));
        }
    }
    let failed = !faults.is_empty() || offered.failed;
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// What became of the input.
#[derive(Debug, Default)]
struct Offered {
    /// Whether some of it could not be read.
    failed: bool,
    /// How many rows held no text.
    missing: usize,
}

/// Offers all sentences of the input to the pool.
fn offer(
    args: &SelectArgs,
    sources: Vec<Located>,
    classifier: &Classifier,
    pool: &mut Pool<Origin>,
    quiet: bool,
) -> Result<Offered, Error> {
    let bar = progress::bytes_bar(&sources, quiet, true);
    let (text_cutting, record_cutting) = cutting(&args.input);
    let new_worker = || Worker::new(Appraising::new(classifier), text_cutting, record_cutting);
    let options = sources::options(&args.input, false);
    let inputs = Inputs::new(sources.into_iter().map(|s| s.source).collect(), options);
    let mut offered = Offered::default();
    let take = |outcome: Result<Done<Candidates>, Error>| {
        match outcome {
            Ok(done) => {
                done.out.into_iter().for_each(|candidate| pool.offer(candidate));
                offered.missing += done.missing;
                bar.inc(done.read as u64);
            }
            Err(e) => {
                offered.failed = true;
                bar.suspend(|| complain(&e));
            }
        }
        Ok(())
    };
    pipeline::run(inputs, thread_count(args.threads), new_worker, take)?;
    bar.finish_and_clear();
    Ok(offered)
}

fn params(args: &SelectArgs) -> SelectParams {
    SelectParams {
        count: args.count,
        random_share: args.random_share,
        shortlist: args.shortlist,
        similarity: args.similarity,
        seed: args.seed,
    }
}

/// Excludes the annotated sentences of the files that the arguments name; returns how many.
fn exclude(args: &SelectArgs, pool: &mut Pool<Origin>) -> Result<usize, Error> {
    let files = find_files(&args.exclude)?;
    let mut excluded = 0;
    for file in read_example_files(&files, &ReadOptions::default())? {
        for (_, example) in &file.examples {
            pool.exclude(&example.text);
            excluded += 1;
        }
    }
    Ok(excluded)
}

type Candidates = Vec<Candidate<Origin>>;

/// Makes candidates of sentences.
struct Appraising<'c> {
    labeller: Labeller<'c>,
    appraiser: Appraiser,
    candidates: Candidates,
    whole: bool,
}

impl<'c> Appraising<'c> {
    fn new(classifier: &'c Classifier) -> Self {
        Self {
            labeller: classifier.labeller(),
            appraiser: Appraiser::new(classifier),
            candidates: Candidates::new(),
            whole: false,
        }
    }
}

impl Handle for Appraising<'_> {
    type Out = Candidates;

    fn begin(&mut self, batch: Beginning) {
        self.labeller.announce(batch.bytes);
        self.candidates.clear();
        self.whole = batch.whole;
    }

    fn handle(&mut self, record: &Record<'_>, _: usize) -> Result<(), Error> {
        let Some(text) = record.text else { return Ok(()) };
        let origin = Origin {
            document: record.document.to_owned(),
            sentence: (!self.whole).then_some(record.sentence),
        };
        let logits = self.labeller.decision_function(text);
        self.candidates.push(self.appraiser.candidate(origin, text, logits));
        Ok(())
    }

    fn finish(&mut self) -> Result<Candidates, Error> {
        Ok(std::mem::take(&mut self.candidates))
    }
}

/// What is written of a selected sentence. Probabilities are rounded as in `bayan label`.
fn example(classifier: &Classifier, selected: &Selected<Origin>) -> Example {
    let rounded = |x: f64| libm::round(x * 1e4) / 1e4;
    let parts = classifier.parts();
    let logits = selected.logits.iter().zip(&parts.calibration).zip(&parts.thresholds);
    let suggestions = classifier.schema().names().iter().zip(logits);
    let Origin { document, sentence } = &selected.item;
    Example {
        id: Some(sentence.map_or_else(|| document.clone(), |number| format!("{document}#{number}"))),
        text: selected.text.clone(),
        source: Some(document.clone()),
        note: Some(format!(
            "{}, uncertainty {:.3}",
            selected.reason.name(),
            selected.uncertainty
        )),
        suggestions: suggestions
            .map(|(label, ((&logit, platt), &threshold))| {
                let probability = platt.probability(logit);
                Suggestion {
                    label: label.clone(),
                    probability: rounded(probability),
                    given: probability >= threshold,
                }
            })
            .collect(),
        ..Example::default()
    }
}

fn summary(selected: &[Selected<Origin>], distinct: usize, excluded: usize) -> String {
    let random = selected.iter().filter(|s| s.reason == Reason::Random).count();
    format!(
        "selected {} of {distinct} distinct sentences, {random} of them at random; {excluded} were annotated already",
        selected.len()
    )
}
