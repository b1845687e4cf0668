//! `bayan label` and `bayan segment`.

use std::io::{IsTerminal, stdout};
use std::path::Path;

use clap::ValueEnum;
use sha2::{Digest, Sha256};

use super::args::{InputArgs, LabelArgs, OutputArgs, SegmentArgs};
use super::choices::InputKind;
use super::manifest::Settings;
use super::output::{Destination, Layout, note};
use super::report::Report;
use super::sources::Located;
use super::target::{One, Target};
use super::worker::{Cutting, Worker, Writing};
use super::{Outcome, complain, folder, interrupt, load_model, pipeline, progress, sources, thread_count};
use crate::classifier::Classifier;
use crate::error::Error;
use crate::io::{Compression, InputFormat, Inputs, RecordFormat, RecordWriter};
use crate::model_file;

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
    let layout = layout(output, classifier)?;
    let path = output.output.as_deref().filter(|path| *path != Path::new("-"));
    let (sources, mut faults) = sources::find(input, path.or(output.output_dir.as_deref()));
    let to_file = path.is_some() || output.output_dir.is_some();
    if layout.is_binary() && !to_file && stdout().is_terminal() {
        let reason = "the output is binary and would go to the terminal; use --output";
        return Err(Error::InvalidSetting(reason.into()));
    }
    interrupt::clean_up_on_interrupt()?;
    let (target, sources) = match &output.output_dir {
        None => (single(path, layout)?, sources),
        Some(root) => {
            sources::check_output_directory(input, root)?;
            let settings = settings(input, layout, classifier)?;
            let plan = folder::plan(root, sources, layout, settings, output.resume)?;
            if plan.complete > 0 && !quiet {
                let (done, left) = (plan.complete, plan.sources.len());
                note(&format!("{done} outputs are complete already, {left} are to be made"));
            }
            faults.extend(plan.faults);
            (Target::Folder(Box::new(plan.folder)), plan.sources)
        }
    };
    faults.iter().for_each(complain);
    let names = sources.iter().map(|s| s.source.name()).collect();
    let bar = progress::bytes_bar(&sources, quiet, to_file);
    let report = Report::new(target, bar, names, !faults.is_empty(), quiet);
    run(input, sources, thread_count(output.threads), layout, classifier, report)
}

/// Sends all sources through the pipeline.
fn run(
    input: &InputArgs,
    sources: Vec<Located>,
    threads: usize,
    layout: Layout<'_>,
    classifier: Option<&Classifier>,
    mut report: Report<'_>,
) -> Result<Outcome, Error> {
    let (text_cutting, record_cutting) = cutting(input);
    let writer = RecordWriter::new(layout.format, layout.labels);
    let new_worker = || {
        let labeller = classifier.map(Classifier::labeller);
        Worker::new(Writing::new(labeller, &writer), text_cutting, record_cutting)
    };
    let options = sources::options(input, layout.format == RecordFormat::Parquet);
    let inputs = Inputs::new(sources.into_iter().map(|s| s.source).collect(), options);
    pipeline::run(inputs, threads, new_worker, |outcome| report.take(outcome))?;
    report.finish()
}

/// How texts and records are cut.
pub fn cutting(input: &InputArgs) -> (Cutting, Cutting) {
    let text = if input.input == Some(InputKind::Lines) {
        Cutting::Lines
    } else {
        Cutting::Sentences
    };
    let record = if input.no_segment {
        Cutting::Whole
    } else {
        Cutting::Sentences
    };
    (text, record)
}

fn single<'a>(path: Option<&Path>, layout: Layout<'a>) -> Result<Target<'a>, Error> {
    let to = Destination::open(path)?;
    interrupt::under_way(to.temporary_path());
    Ok(Target::One(Box::new(One::new(to, path, layout)?)))
}

/// Format and compression: those that are asked for, or else those of the extension of the output.
fn layout<'a>(output: &OutputArgs, classifier: Option<&'a Classifier>) -> Result<Layout<'a>, Error> {
    let path = output.output.as_deref().unwrap_or(Path::new(""));
    let by_extension = match InputFormat::known(path) {
        Some(InputFormat::Csv) => RecordFormat::Csv,
        Some(InputFormat::Tsv) => RecordFormat::Tsv,
        Some(InputFormat::Parquet) => RecordFormat::Parquet,
        _ => RecordFormat::Jsonl,
    };
    let layout = Layout {
        format: output.format.map_or(by_extension, Into::into),
        compression: output.compression.map_or(Compression::of(path).0, Into::into),
        labels: classifier.map(Classifier::schema),
    };
    if layout.format == RecordFormat::Parquet && layout.compression != Compression::None {
        let reason = "Parquet is compressed inside; it takes no --compression, .gz or .zst";
        return Err(Error::InvalidSetting(reason.into()));
    }
    Ok(layout)
}

/// Everything that the outputs depend on.
fn settings(input: &InputArgs, layout: Layout<'_>, classifier: Option<&Classifier>) -> Result<Settings, Error> {
    let digest = |c: &Classifier| {
        let hash = Sha256::digest(model_file::to_bytes(c)?);
        Ok::<_, Error>(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let kind = |kind: InputKind| kind.to_possible_value().map(|v| v.get_name().to_owned());
    Ok(Settings {
        bayan: env!("CARGO_PKG_VERSION").into(),
        model: classifier.map(digest).transpose()?,
        thresholds: classifier.map(|c| c.thresholds().to_vec()).unwrap_or_default(),
        output: layout.extension(),
        input: input.input.and_then(kind),
        text_field: input.text_field.clone(),
        id_field: input.id_field.clone(),
        no_segment: input.no_segment,
        lossy: input.lossy,
    })
}
