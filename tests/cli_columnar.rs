//! Parquet, gzip and Zstandard through the real binary; the `parquet` crate reads back what was written.
#![cfg(feature = "cli")]

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray,
};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use common::{bayan, stderr};

const TEXTS: [Option<&str>; 4] = [
    Some("نفت الوزارة صحة الخبر. وقتل ثلاثة أشخاص في الانفجار."),
    None,
    Some("هدد المتحدث بالرد على الهجوم."),
    Some("خبر واحد"),
];

/// A table with `rows` rows whose column `text` is `texts`.
fn table(texts: ArrayRef) -> RecordBatch {
    let rows = texts.len();
    let mut tags = ListBuilder::new(StringBuilder::new());
    for i in 0..rows {
        tags.append_value([Some(format!("وسم {i}")), None]);
    }
    let strings = |prefix: &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("{prefix}{i}"))))
    };
    RecordBatch::try_from_iter([
        ("url", strings("https://example.org/")),
        ("id", Arc::new(Int64Array::from_iter_values(0..rows as i64)) as ArrayRef),
        ("text", texts),
        ("tags", Arc::new(tags.finish())),
        ("start", strings("s")),
    ])
    .unwrap()
}

fn texts(rows: usize) -> Vec<Option<&'static str>> {
    (0..rows).map(|i| TEXTS[i % TEXTS.len()]).collect()
}

fn write_parquet(path: &Path, batch: &RecordBatch, compression: Compression, group: usize) {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(group))
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn read_parquet(path: &Path) -> Vec<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    builder.build().unwrap().map(Result::unwrap).collect()
}

/// The rows of a Parquet output, in the form of JSONL records.
fn rows_as_json(path: &Path) -> Vec<Value> {
    let mut rows = Vec::new();
    for batch in read_parquet(path) {
        let column = |name: &str| batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
        for i in 0..batch.num_rows() {
            let number = |name: &str| column(name).as_primitive::<Int64Type>().value(i);
            let text = column("text").as_string::<i32>();
            let labels = column("labels").as_list::<i32>();
            let probability = |name: &str| {
                let column = column(name).as_primitive::<Float64Type>();
                column.is_valid(i).then(|| column.value(i))
            };
            let null = text.is_null(i);
            let names = || -> Vec<String> {
                let names = labels.value(i);
                names.as_string::<i32>().iter().map(|n| n.unwrap().to_owned()).collect()
            };
            let probabilities: serde_json::Map<_, _> = common::LABELS
                .iter()
                .map(|l| ((*l).to_owned(), serde_json::json!(probability(l))))
                .collect();
            assert_eq!(labels.is_null(i), null);
            assert!(probabilities.values().all(|p| p.is_null() == null));
            rows.push(serde_json::json!({
                "document": column("document").as_string::<i32>().value(i),
                "sentence": number("sentence"), "start": number("start"), "end": number("end"),
                "text": (!null).then(|| text.value(i)),
                "labels": (!null).then(names),
                "probabilities": (!null).then_some(probabilities),
            }));
        }
    }
    rows
}

fn json_lines(bytes: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_kind_of_text_column_gives_the_labels_of_jsonl() {
    let dir = tempfile::tempdir().unwrap();
    let rows = 3000;
    let texts = texts(rows);
    let jsonl: String = texts
        .iter()
        .enumerate()
        .filter_map(|(i, t)| t.map(|t| format!("{}\n", serde_json::json!({"id": i, "text": t}))))
        .collect();
    let expected = json_lines(&bayan(&["label", "--input", "jsonl"], jsonl.as_bytes()).stdout);
    assert_eq!(expected.len(), rows / 4 * 4);
    let dictionary: DictionaryArray<Int32Type> = texts.iter().copied().collect();
    let kinds: [(&str, ArrayRef); 4] = [
        ("utf8", Arc::new(StringArray::from(texts.clone()))),
        ("large", Arc::new(LargeStringArray::from(texts.clone()))),
        ("view", Arc::new(StringViewArray::from(texts.clone()))),
        ("dictionary", Arc::new(dictionary)),
    ];
    for (kind, column) in kinds {
        let (input, output) = (
            dir.path().join(format!("{kind}.parquet")),
            dir.path().join("out.parquet"),
        );
        write_parquet(&input, &table(column), Compression::SNAPPY, 700);
        let mut written = Vec::new();
        for threads in ["1", "3"] {
            let done = bayan(
                &[
                    "label",
                    input.to_str().unwrap(),
                    "--threads",
                    threads,
                    "--output",
                    output.to_str().unwrap(),
                ],
                b"",
            );
            assert!(done.status.success(), "{kind} {}", stderr(&done));
            assert!(stderr(&done).contains("750 rows hold no text"), "{}", stderr(&done));
            assert!(stderr(&done).contains("\"start\" is carried along as \"input_start\""));
            written.push(fs::read(&output).unwrap());
        }
        assert!(written[0] == written[1], "{kind}: the threads show");
        let got = rows_as_json(&output);
        let (missing, labelled): (Vec<_>, Vec<_>) = got.into_iter().partition(|r| r["text"].is_null());
        assert_eq!((missing.len(), missing[1]["document"].as_str()), (750, Some("5")));
        assert_eq!(labelled, expected, "{kind}");
        // The same rows as JSONL.
        let lines = bayan(&["label", input.to_str().unwrap()], b"");
        let (missing, labelled): (Vec<_>, Vec<_>) =
            json_lines(&lines.stdout).into_iter().partition(|r| r["text"].is_null());
        assert_eq!((missing.len(), labelled), (750, expected.clone()), "{kind}");
    }
}

#[test]
fn other_columns_are_repeated_for_each_sentence_with_their_types() {
    let dir = tempfile::tempdir().unwrap();
    let (input, output) = (dir.path().join("in.parquet"), dir.path().join("out.parquet"));
    let batch = table(Arc::new(StringArray::from(texts(8))));
    write_parquet(&input, &batch, Compression::UNCOMPRESSED, 3);
    let done = bayan(
        &[
            "label",
            "--quiet",
            input.to_str().unwrap(),
            "--output",
            output.to_str().unwrap(),
        ],
        b"",
    );
    assert!(done.status.success() && done.stderr.is_empty(), "{}", stderr(&done));
    for written in read_parquet(&output) {
        let names: Vec<String> = written.schema().fields().iter().map(|f| f.name().clone()).collect();
        let own = ["document", "sentence", "start", "end", "text", "labels"];
        assert_eq!(names[..6], own);
        assert_eq!(names[10..], ["url", "id", "tags", "input_start"]);
        assert_eq!(*written.column_by_name("url").unwrap().data_type(), DataType::Utf8);
        let ids = written
            .column_by_name("id")
            .unwrap()
            .as_primitive::<Int64Type>()
            .values()
            .to_vec();
        assert_eq!(ids, [0, 0, 1, 2, 3, 4, 4, 5, 6, 7]);
        let urls = written.column_by_name("url").unwrap().as_string::<i32>();
        let tags = written.column_by_name("tags").unwrap().as_list::<i32>();
        for (row, id) in ids.iter().enumerate() {
            assert_eq!(urls.value(row), format!("https://example.org/{id}"));
            let tags = tags.value(row);
            assert_eq!(tags.as_string::<i32>().value(0), format!("وسم {id}"));
            assert!(tags.is_null(1));
        }
    }
    // Sentences alone, and rows as single sentences named by another column.
    let segment = bayan(
        &["segment", "--quiet", input.to_str().unwrap(), "--id-field", "url"],
        b"",
    );
    let records = json_lines(&segment.stdout);
    assert_eq!((records.len(), records[0].get("labels")), (10, None));
    assert_eq!(records[0]["document"], "https://example.org/0");
    let whole = bayan(&["segment", "--quiet", "--no-segment", input.to_str().unwrap()], b"");
    assert_eq!(json_lines(&whole.stdout).len(), 8);
}

#[test]
fn every_codec_is_read_and_parquet_comes_from_the_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in.parquet");
    let batch = table(Arc::new(StringArray::from(texts(100))));
    let mut first = None;
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        write_parquet(&input, &batch, codec, 1000);
        let done = bayan(&["segment", "--format", "tsv", input.to_str().unwrap()], b"");
        assert!(done.status.success(), "{codec:?} {}", stderr(&done));
        assert_eq!(*first.get_or_insert(done.stdout.clone()), done.stdout);
        let piped = bayan(
            &["segment", "--format", "tsv", "--input", "parquet"],
            &fs::read(&input).unwrap(),
        );
        assert_eq!(piped.stdout, done.stdout);
    }
    let hint = bayan(&["segment"], &fs::read(&input).unwrap());
    assert!(stderr(&hint).contains("--input parquet"), "{}", stderr(&hint));
}

#[test]
fn compressed_inputs_and_outputs_hold_the_plain_ones() {
    let dir = tempfile::tempdir().unwrap();
    let texts: Vec<&str> = texts(40).into_iter().flatten().collect();
    let json: String = texts
        .iter()
        .map(|t| format!("{}\n", serde_json::json!({"id": "x", "text": t})))
        .collect();
    let table: String = texts.iter().map(|t| format!("x\t{t}\n")).collect();
    let inputs = [
        ("a.txt", texts.join("\n")),
        ("b.jsonl", json),
        ("c.tsv", format!("id\ttext\n{table}")),
        ("d.csv", format!("id,text\n{}", table.replace('\t', ","))),
    ];
    for (name, content) in inputs {
        let plain = dir.path().join(name);
        fs::write(&plain, &content).unwrap();
        let expected = bayan(&["label", plain.to_str().unwrap()], b"").stdout;
        assert!(!expected.is_empty(), "{name}");
        // Two members, two frames.
        let (one, two) = content.as_bytes().split_at(content.len() / 2);
        let packed = [
            ("gz", [gzip(one), gzip(two)].concat()),
            (
                "zst",
                [zstd::encode_all(one, 1).unwrap(), zstd::encode_all(two, 1).unwrap()].concat(),
            ),
        ];
        for (extension, bytes) in packed {
            let path = dir.path().join(format!("{name}.{extension}"));
            fs::write(&path, &bytes).unwrap();
            let got = bayan(&["label", path.to_str().unwrap()], b"");
            let got = String::from_utf8(got.stdout)
                .unwrap()
                .replace(&format!(".{extension}"), "");
            assert_eq!(got.as_bytes(), expected, "{name}.{extension}");
            let kind = &name[2..].replace("txt", "text");
            let piped = bayan(&["label", "--input", kind], &bytes);
            assert_eq!(
                json_lines(&piped.stdout).len(),
                json_lines(&expected).len(),
                "{name} {}",
                stderr(&piped)
            );
        }
        for extension in ["gz", "zst"] {
            let out = dir.path().join(format!("out.jsonl.{extension}"));
            let done = bayan(
                &["label", plain.to_str().unwrap(), "--output", out.to_str().unwrap()],
                b"",
            );
            assert!(done.status.success(), "{}", stderr(&done));
            let bytes = fs::read(&out).unwrap();
            let mut unpacked = Vec::new();
            if extension == "gz" {
                flate2::read::GzDecoder::new(bytes.as_slice())
                    .read_to_end(&mut unpacked)
                    .unwrap();
            } else {
                unpacked = zstd::decode_all(bytes.as_slice()).unwrap();
            }
            assert_eq!(unpacked, expected);
            let shown = bayan(&["label", "--compression", extension, plain.to_str().unwrap()], b"");
            assert_eq!(shown.stdout, bytes);
        }
    }
}

#[test]
fn wrong_columns_and_settings_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in.parquet");
    write_parquet(
        &input,
        &table(Arc::new(StringArray::from(texts(4)))),
        Compression::SNAPPY,
        100,
    );
    let path = input.to_str().unwrap();
    let packed = dir.path().join("x.parquet.gz");
    fs::write(&packed, gzip(b"x")).unwrap();
    for (arguments, reason) in [
        (
            vec![path, "--text-field", "body"],
            "no column \"body\"; there are url, id, text",
        ),
        (
            vec![path, "--text-field", "id"],
            "column \"id\" holds Int64, expected text",
        ),
        (vec![path, "--id-field", "tags"], "column \"tags\" holds List"),
        (vec![path, "--id-field", "nr"], "no column \"nr\""),
        (vec![path, "--output", "x.parquet.gz"], "Parquet is compressed inside"),
        (vec![packed.to_str().unwrap()], "Parquet is compressed inside"),
        (vec![path, "--resume"], "--output-dir"),
    ] {
        let output = bayan(&[vec!["label"], arguments].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{reason}");
        assert!(stderr(&output).contains(reason), "{reason} not in {}", stderr(&output));
    }
    // Inputs with different columns have no common table.
    let other = dir.path().join("other.parquet");
    let batch = table(Arc::new(StringArray::from(texts(4)))).project(&[2]).unwrap();
    write_parquet(&other, &batch, Compression::SNAPPY, 100);
    let out = dir.path().join("out.parquet");
    let output = bayan(
        &["segment", path, other.to_str().unwrap(), "-o", out.to_str().unwrap()],
        b"",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("other.parquet: its columns"),
        "{}",
        stderr(&output)
    );
    assert_eq!(read_parquet(&out).iter().map(RecordBatch::num_rows).sum::<usize>(), 5);
}

/// Cuts and damages a file everywhere; what comes out is an answer or an error, and no panic.
#[test]
fn damaged_parquet_is_reported_and_never_panics() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.parquet");
    write_parquet(
        &whole,
        &table(Arc::new(StringArray::from(texts(300)))),
        Compression::SNAPPY,
        100,
    );
    let bytes = fs::read(&whole).unwrap();
    let damaged = dir.path().join("damaged");
    fs::create_dir(&damaged).unwrap();
    let mut expected_faults = 0;
    let put = |name: String, bytes: &[u8]| fs::write(damaged.join(name), bytes).unwrap();
    for part in 0..20 {
        put(format!("cut-{part}.parquet"), &bytes[..bytes.len() * part / 20]);
        expected_faults += 1;
    }
    // A linear congruential generator: the same damage every time.
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for i in 0..400 {
        let mut bad = bytes.clone();
        // Half of them in the footer, where the structure is.
        let range = if i % 2 == 0 {
            0..bytes.len()
        } else {
            bytes.len() * 2 / 3..bytes.len()
        };
        for _ in 0..1 + i % 3 {
            bad[range.start + next() % range.len()] ^= 1 << (next() % 8);
        }
        put(format!("flip-{i}.parquet"), &bad);
    }
    let output = bayan(
        &[
            "label",
            "--quiet",
            damaged.to_str().unwrap(),
            "--format",
            "parquet",
            "--output-dir",
            dir.path().join("out").to_str().unwrap(),
        ],
        b"",
    );
    assert_eq!(output.status.code(), Some(2));
    let errors = stderr(&output);
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(errors.lines().filter(|l| l.contains("cut-")).count() >= expected_faults);
    // Each input has an output or a fault.
    for entry in fs::read_dir(&damaged).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let out = dir.path().join("out").join(&name);
        assert!(out.exists() != errors.contains(&format!("{name}:")), "{name}");
    }
}

#[test]
fn pages_that_would_fill_the_memory_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("bomb.parquet");
    // 20 values of 15 MiB, all different, on one page: small as a file, 300 MiB in memory.
    let values = (0..20).map(|i| format!("{i}{}", "x".repeat(15 << 20)));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(values));
    let batch = RecordBatch::try_from_iter([("text", texts)]).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(usize::MAX)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(&input).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let output = bayan(&["segment", input.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("MiB at one time"), "{}", stderr(&output));
}

#[test]
fn truncated_and_mislabelled_streams_are_reported() {
    let dir = tempfile::tempdir().unwrap();
    let text = "نفت الوزارة صحة الخبر.\n".repeat(100);
    let packed = gzip(text.as_bytes());
    for (name, bytes, reason) in [
        (
            "cut.txt.gz",
            &packed[..packed.len() - 9],
            "damaged or truncated gzip data",
        ),
        ("plain.txt.gz", text.as_bytes(), "damaged or truncated gzip data"),
        ("plain.txt.zst", text.as_bytes(), "damaged or truncated Zstandard data"),
        ("bomb.txt.gz", &gzip(&vec![b'x'; 64 << 20]), "a line longer than 16 MiB"),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let output = bayan(&["label", path.to_str().unwrap()], b"");
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(stderr(&output).contains(reason), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains(name));
    }
}
