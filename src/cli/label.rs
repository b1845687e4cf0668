//! `bayan label` and `bayan segment`.

use super::args::{InputArgs, LabelArgs, OutputArgs, SegmentArgs};
use super::choices::InputKind;
use super::output::{self, Sink};
use super::worker::{Cutting, Worker};
use super::{Outcome, complain, interrupt, load_model, pipeline, progress, sources, thread_count};
use crate::classifier::Classifier;
use crate::error::Error;
use crate::io::{Inputs, RecordWriter};

/// How many tokens all threads together remember: 16 MiB, however many threads there are.
const CACHED_TOKENS: usize = 1 << 18;
/// More threads would only wait for the disk, and each holds a few batches in memory.
const MAX_THREADS: usize = 32;

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
    let (sources, faults) = sources::find(input);
    let mut failed = !faults.is_empty();
    faults.iter().for_each(complain);
    interrupt::watch()?;
    let bar = progress::bytes_bar(&sources, quiet);
    let mut sink = Sink::open(output.output.as_deref())?;
    let writer = RecordWriter::new(output.format.into(), classifier.map(Classifier::schema));
    sink.write(&writer.header()?)?;
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
    let threads = thread_count(output.threads).min(MAX_THREADS);
    let some_source = !sources.is_empty();
    let mut sentences = 0;
    pipeline::run(
        Inputs::new(sources, sources::options(input)),
        threads,
        || {
            Worker::new(
                classifier.map(|c| c.labeller_with_cache(CACHED_TOKENS / threads)),
                &writer,
                text_cutting,
                record_cutting,
            )
        },
        |outcome| {
            match outcome {
                Ok(done) => {
                    sink.write(&done.bytes)?;
                    sentences += done.sentences;
                    bar.inc(done.read as u64);
                    if let Some(name) = done.empty.filter(|_| !quiet) {
                        bar.suspend(|| note(&format!("{name}: empty")));
                    }
                }
                Err(e) => {
                    failed = true;
                    bar.suspend(|| complain(&e));
                }
            }
            Ok(!interrupt::asked())
        },
    )?;
    bar.finish_and_clear();
    if interrupt::asked() {
        return Ok(Outcome::Interrupted);
    }
    sink.finish()?;
    if sentences == 0 && some_source && !failed && !quiet {
        note("no sentence was found: the input has no letters or digits");
    }
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

fn note(text: &str) {
    anstream::eprintln!("{}bayan:{} {text}", output::NOTE, output::RESET);
}
