//! `bayan label` and `bayan segment`.

use std::path::Path;

use indicatif::ProgressBar;

use super::args::{InputArgs, LabelArgs, OutputArgs, SegmentArgs};
use super::choices::InputKind;
use super::output::{Sink, note};
use super::worker::{Cutting, Done, Worker};
use super::{Outcome, complain, interrupt, load_model, pipeline, progress, sources, thread_count};
use crate::classifier::Classifier;
use crate::error::Error;
use crate::io::{Inputs, RecordWriter};

/// How many tokens all threads together remember: 16 MiB, however many threads there are.
const CACHED_TOKENS: usize = 1 << 18;

/// Labels every sentence of the input.
pub fn label(args: LabelArgs, quiet: bool) -> Result<Outcome, Error> {
    let classifier = load_model(&args.model)?;
    process(&args.input, &args.output, Some(&classifier), quiet)
}

/// Cuts the input into sentences.
pub fn segment(args: SegmentArgs, quiet: bool) -> Result<Outcome, Error> {
    process(&args.input, &args.output, None, quiet)
}

fn process(
    input: &InputArgs,
    output: &OutputArgs,
    classifier: Option<&Classifier>,
    quiet: bool,
) -> Result<Outcome, Error> {
    let path = output.output.as_deref().filter(|path| *path != Path::new("-"));
    let (sources, faults) = sources::find(input, path);
    faults.iter().for_each(complain);
    let some_source = !sources.is_empty();
    let sink = Sink::open(path)?;
    interrupt::clean_up_on_interrupt(sink.temporary_path())?;
    let writer = RecordWriter::new(output.format.into(), classifier.map(Classifier::schema));
    let mut report = Report {
        bar: progress::bytes_bar(&sources, quiet, path.is_some()),
        sink,
        sentences: 0,
        empty: 0,
        failed: !faults.is_empty(),
        quiet,
    };
    report.sink.write(&writer.header()?)?;
    let text_cutting = if input.input == Some(InputKind::Lines) {
        Cutting::Lines
    } else {
        Cutting::Sentences
    };
    let record_cutting = if input.no_segment {
        Cutting::Whole
    } else {
        Cutting::Sentences
    };
    let threads = thread_count(output.threads);
    let new_worker = || {
        let labeller = classifier.map(|c| c.labeller_with_cache(CACHED_TOKENS / threads));
        Worker::new(labeller, &writer, text_cutting, record_cutting)
    };
    let inputs = Inputs::new(sources, sources::options(input));
    pipeline::run(inputs, threads, new_worker, |outcome| report.take(outcome))?;
    report.finish(some_source)
}

/// What has been done so far, and where it goes.
struct Report {
    sink: Sink,
    bar: ProgressBar,
    sentences: usize,
    empty: usize,
    failed: bool,
    quiet: bool,
}

impl Report {
    /// Takes what became of one batch.
    fn take(&mut self, outcome: Result<Done, Error>) -> Result<(), Error> {
        match outcome {
            Ok(done) => {
                self.sink.write(&done.bytes)?;
                self.sentences += done.sentences;
                self.bar.inc(done.read as u64);
                if let Some(name) = done.empty {
                    self.empty += 1;
                    if !self.quiet {
                        self.bar.suspend(|| note(&format!("{name}: empty")));
                    }
                }
            }
            Err(e) => {
                self.failed = true;
                self.bar.suspend(|| complain(&e));
            }
        }
        Ok(())
    }

    fn finish(self, some_source: bool) -> Result<Outcome, Error> {
        self.bar.finish_and_clear();
        self.sink.finish()?;
        if self.sentences == 0 && self.empty == 0 && some_source && !self.failed && !self.quiet {
            note("no sentence was found: the input has no letters or digits");
        }
        Ok(if self.failed {
            Outcome::SomeFailed
        } else {
            Outcome::Done
        })
    }
}
