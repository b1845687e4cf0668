//! Annotation tools' formats: each in its documented shape, there and back, and faults with their places.

use bayan::dataset::formats::{
    Empty, Example, ExampleFile, FieldNames, Format, ReadOptions, Suggestion, WriteOptions, read_examples,
    write_examples,
};
use proptest::prelude::*;

fn options(format: Format) -> ReadOptions {
    ReadOptions {
        format: Some(format),
        ..ReadOptions::default()
    }
}

fn read(format: Format, content: &str) -> ExampleFile {
    read_examples("file", content.as_bytes(), &options(format)).unwrap()
}

fn examples(file: ExampleFile) -> Vec<Example> {
    file.examples.into_iter().map(|(_, example)| example).collect()
}

fn faults(format: Format, content: &str) -> String {
    read_examples("file", content.as_bytes(), &options(format))
        .unwrap_err()
        .to_string()
}

fn names(labels: &[&str]) -> Option<Vec<String>> {
    Some(labels.iter().map(|l| (*l).to_owned()).collect())
}

fn time(text: &str) -> Option<jiff::Timestamp> {
    Some(text.parse().unwrap())
}

/// What "Label Studio Task Format" shows, with the results of a `Choices` tag.
const LABEL_STUDIO: &str = r#"[
  {"id": 1, "created_at": "2021-03-09T21:52:49.513742Z", "updated_at": "2021-03-09T22:16:08.746926Z", "project": 83,
   "data": {"text": "ونفى الوزير ذلك.", "id": "a-1", "topic": "ministry"},
   "annotations": [
    {"id": "1001", "completed_by": 10, "was_cancelled": false, "ground_truth": false, "lead_time": 4.288,
     "created_at": "2021-03-09T22:16:08.728353Z", "updated_at": "2021-03-09T22:17:08.728378Z", "task": 1,
     "result": [{"from_name": "labels", "id": "Dx_aB91ISN", "to_name": "text", "type": "choices", "origin": "manual",
                 "value": {"choices": ["denial", "claim"]}},
                {"from_name": "comment", "id": "x", "to_name": "text", "type": "textarea", "value": {"text": ["?"]}}]},
    {"id": 1002, "completed_by": {"id": 11, "email": "sara@example.org", "first_name": "", "last_name": ""},
     "was_cancelled": false, "created_at": "2021-03-10T08:00:00Z", "result": []},
    {"id": 1003, "completed_by": 12, "was_cancelled": true, "result": []}],
   "predictions": [{"model_version": "model 1", "created_ago": "3 hours", "score": 0.8, "result": []}]},
  {"id": 2, "data": {"text": "Second."}, "annotations": [], "predictions": []}
]"#;

#[test]
fn label_studio_tasks() {
    let file = read(Format::LabelStudio, LABEL_STUDIO);
    assert_eq!(file.passed_over.values().sum::<usize>(), 1);
    let read = examples(file);
    assert_eq!(read.len(), 3);
    assert_eq!(read[0].id.as_deref(), Some("a-1"));
    assert_eq!(read[0].labels, names(&["denial", "claim"]));
    assert_eq!(read[0].annotator.as_deref(), Some("10"));
    assert_eq!(read[0].topic.as_deref(), Some("ministry"));
    assert_eq!(read[0].time, time("2021-03-09T22:17:08.728378Z"));
    assert_eq!(read[1].annotator.as_deref(), Some("sara@example.org"));
    assert_eq!(read[1].labels, names(&[]), "submitted without a choice: none");
    assert_eq!(
        (&read[2].id, &read[2].labels),
        (&None, &None),
        "nobody has annotated it"
    );

    let by_task = ReadOptions {
        fields: FieldNames {
            id: Some("inner_id".into()),
            ..FieldNames::default()
        },
        ..options(Format::LabelStudio)
    };
    let task = r#"{"inner_id": 7, "data": {"text": "x"}}"#;
    let read = examples(read_examples("f", task.as_bytes(), &by_task).unwrap());
    assert_eq!(read[0].id.as_deref(), Some("7"));
}

#[test]
fn label_studio_faults_name_the_task() {
    let faulty = r#"[
      {"data": {"text": "ok"}, "annotations": [{"result": [{"type": "choices", "from_name": "a", "value": {"choices": ["x"]}}]}]},
      {"text": "flat", "sentiment": "x"},
      {"data": {"image": "1.jpg"}},
      {"data": {"text": "spans"}, "annotations": [{"result": [{"type": "labels", "value": {"start": 0, "end": 2, "labels": ["X"]}}]}]},
      {"data": {"text": "late"}, "annotations": [{"updated_at": "yesterday", "result": []}]},
      {"data": {"text": "two"}, "annotations": [{"result": [{"type": "choices", "from_name": "b", "value": {"choices": ["y"]}}]}]},
      {"data": {"text": "none"}, "annotations": [{"id": 3}]}
    ]"#;
    let message = faults(Format::LabelStudio, faulty);
    for expected in [
        "file: record 2: the task has no \"data\"; was it exported as JSON-MIN",
        "file: record 3: no field \"text\"; there are image",
        "file: record 4: annotation 1: a result of type \"labels\"",
        "file: record 5: annotation 1: updated_at: \"yesterday\" is not a time",
        "file: record 7: annotation 1: no list \"result\"",
        "file: choices of several tags (a, b)",
    ] {
        assert!(message.contains(expected), "{expected} not in {message}");
    }
    assert!(faults(Format::LabelStudio, "[\n{\"data\": ]").contains("file:2: not JSON"));
    let control = ReadOptions {
        control: Some("b".into()),
        ..options(Format::LabelStudio)
    };
    let two = r#"[{"data": {"text": "two"}, "annotations": [{"result": [
        {"type": "choices", "from_name": "a", "value": {"choices": ["x"]}},
        {"type": "choices", "from_name": "b", "value": {"choices": ["y"]}}]}]}]"#;
    let read = examples(read_examples("f", two.as_bytes(), &control).unwrap());
    assert_eq!(read[0].labels, names(&["y"]));
}

#[test]
fn doccano_of_all_versions() {
    let content = concat!(
        "{\"id\": 33, \"text\": \"نفت الحركة.\", \"label\": [\"denial\"], \"Comments\": [], \"topic\": \"movement\"}\n",
        "{\"id\": \"a-2\", \"text\": \"Two\", \"label\": \"claim\"}\n",
        "{\"id\": 35, \"text\": \"Old\", \"meta\": {\"source\": \"paper\"}, \"annotation_approver\": \"admin\", \"labels\": []}\n",
    );
    let read_all = examples(read(Format::Doccano, content));
    assert_eq!(read_all[0].id, None, "doccano's own number names nothing");
    assert_eq!(read_all[0].labels, names(&["denial"]));
    assert_eq!(read_all[0].topic.as_deref(), Some("movement"));
    assert_eq!(
        (read_all[1].id.as_deref(), &read_all[1].labels),
        (Some("a-2"), &names(&["claim"]))
    );
    assert_eq!(read_all[2].source.as_deref(), Some("paper"));
    assert_eq!(
        (read_all[2].annotator.as_deref(), &read_all[2].labels),
        (Some("admin"), &names(&[]))
    );
    let approved_only = ReadOptions {
        empty: Empty::Unlabelled,
        ..options(Format::Doccano)
    };
    let file = read_examples("f", content.as_bytes(), &approved_only).unwrap();
    assert_eq!(file.annotated().count(), 2);
    assert_eq!(read(Format::Doccano, content).assumed_none, 1);
    // Where a tool can tell, an empty list is "none" whatever is asked for.
    let told = ReadOptions {
        empty: Empty::Unlabelled,
        ..options(Format::Jsonl)
    };
    let file = read_examples("f", b"{\"text\": \"x\", \"labels\": []}", &told).unwrap();
    assert_eq!((file.annotated().count(), file.assumed_none), (1, 0));

    let message = faults(
        Format::Doccano,
        "{\"text\": \"x\", \"label\": [[0, 36, \"Title\"]]}\n\nnonsense\n{\"text\": \"x\"}\n{\"text\": 5, \"label\": []}\n",
    );
    for expected in [
        "file:1: field \"label\" holds spans",
        "file:3: not a JSON object",
        "file:4: no field \"label\"",
        "file:5: field \"text\"",
    ] {
        assert!(message.contains(expected), "{expected} not in {message}");
    }
}

#[test]
fn prodigy_choices_and_questions() {
    let choice = r#""options": [{"id": "claim", "text": "Claim"}, {"id": "denial", "text": "Denial"}]"#;
    let content = [
        format!(r#"{{"text": "one", {choice}, "accept": ["denial"], "answer": "accept", "_input_hash": -153, "_task_hash": 17,
            "_view_id": "choice", "_annotator_id": "db-ali", "_session_id": "db-ali", "_timestamp": 1620000000}}"#)
            .replace('\n', " "),
        format!(r#"{{"text": "two", {choice}, "accept": [], "answer": "accept", "meta": {{"id": "m-2", "source": "paper"}}}}"#),
        format!(r#"{{"text": "three", {choice}, "accept": ["claim"], "answer": "ignore"}}"#),
        format!(r#"{{"text": "four", {choice}, "accept": ["claim"], "answer": "reject"}}"#),
        format!(r#"{{"text": "five", {choice}}}"#),
        r#"{"text": "six", "label": "claim", "answer": "accept", "_session_id": "2018-08-11_13-28-10"}"#.to_owned(),
        r#"{"text": "six", "label": "denial", "answer": "accept", "_session_id": "2018-08-11_13-28-10"}"#.to_owned(),
        r#"{"text": "six", "label": "threat", "answer": "reject", "_session_id": "2018-08-11_13-28-10"}"#.to_owned(),
        r#"{"text": "seven", "label": "claim", "answer": "reject", "_timestamp": 1620000000.25}"#.to_owned(),
    ]
    .join("\n");
    let file = read(Format::Prodigy, &content);
    assert_eq!(file.passed_over.get("ignored in Prodigy"), Some(&1));
    assert_eq!(file.passed_over.get("rejected in Prodigy"), Some(&2));
    let read_all = examples(file);
    assert_eq!(read_all.len(), 4);
    assert_eq!(read_all[0].labels, names(&["denial"]));
    assert_eq!(read_all[0].annotator.as_deref(), Some("db-ali"));
    assert_eq!(read_all[0].time, time("2021-05-03T00:00:00Z"));
    assert_eq!(
        (read_all[1].id.as_deref(), read_all[1].source.as_deref()),
        (Some("m-2"), Some("paper"))
    );
    assert_eq!(read_all[1].labels, names(&[]));
    assert_eq!((read_all[2].text.as_str(), &read_all[2].labels), ("five", &None));
    assert_eq!(
        (read_all[3].text.as_str(), &read_all[3].labels),
        ("six", &names(&["claim", "denial"]))
    );
    assert_eq!(read_all[3].annotator, None, "an unnamed session is nobody");
    let rejected = ReadOptions {
        rejected_as_none: true,
        ..options(Format::Prodigy)
    };
    let read_all = examples(read_examples("f", content.as_bytes(), &rejected).unwrap());
    assert_eq!((read_all[4].text.as_str(), &read_all[4].labels), ("seven", &names(&[])));
    assert_eq!(read_all[4].time, time("2021-05-03T00:00:00.25Z"));

    let message = faults(
        Format::Prodigy,
        &format!(
            "{{\"text\": \"a\", {choice}, \"accept\": [\"no\"], \"answer\": \"accept\"}}\n{{\"text\": \"a\", \"answer\": \"maybe\"}}\n{{\"text\": \"a\", \"answer\": \"accept\"}}\n"
        ),
    );
    for expected in [
        "file:1: \"no\" is accepted",
        "file:2: \"answer\" is none of",
        "file:3: accepted, but there is neither",
    ] {
        assert!(message.contains(expected), "{expected} not in {message}");
    }
}

#[test]
fn fasttext_lines() {
    let content = "__label__sauce __label__cheese How much does potato starch affect?\n\nplain text\n";
    let read_all = examples(read(Format::FastText, content));
    assert_eq!(read_all[0].labels, names(&["sauce", "cheese"]));
    assert_eq!(read_all[0].text, "How much does potato starch affect?");
    assert_eq!(
        (read_all[1].text.as_str(), &read_all[1].labels),
        ("plain text", &names(&[]))
    );
    let message = faults(
        Format::FastText,
        "__label__a\nx __label__b y\n__label__a __label__a z\n",
    );
    for expected in [
        "file:1: the text is empty",
        "file:2: label \"__label__b\" stands behind",
        "file:3: label \"a\" is given twice",
    ] {
        assert!(message.contains(expected), "{expected} not in {message}");
    }
    let spaced = Example {
        text: "x".into(),
        labels: names(&["casualty report"]),
        ..Example::default()
    };
    let error = write_examples(&[spaced], &WriteOptions::new(Format::FastText)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("as fasttext: record 1: label \"casualty report\""),
        "{error}"
    );
}

#[test]
fn tables_with_one_column_or_one_a_label() {
    let joined = ReadOptions {
        label_separator: ";".into(),
        fields: FieldNames {
            text: Some("sentence".into()),
            labels: Some("tags".into()),
            annotator: Some("coder".into()),
            ..FieldNames::default()
        },
        ..options(Format::Csv)
    };
    let content =
        "id,sentence,tags,coder,time\n1,\"قال، ثم \"\"نفى\"\"\",claim; denial,ali,2024-05-01\n2,x,,,2024-05-01 10:30\n";
    let read_all = examples(read_examples("f", content.as_bytes(), &joined).unwrap());
    assert_eq!(read_all[0].text, "قال، ثم \"نفى\"");
    assert_eq!(read_all[0].labels, names(&["claim", "denial"]));
    assert_eq!(read_all[0].time, time("2024-05-01T00:00:00Z"));
    assert_eq!(
        (read_all[1].annotator.clone(), &read_all[1].labels),
        (None, &names(&[]))
    );
    assert_eq!(read_all[1].time, time("2024-05-01T10:30:00Z"));

    let each = ReadOptions {
        label_columns: vec!["claim".into(), "denial".into()],
        ..options(Format::Tsv)
    };
    let content = "\u{feff}text\tclaim\tdenial\n\"q\" x\t1\tno\ny\tX\ttrue\nz\t\t0\n";
    let read_all = examples(read_examples("f", content.as_bytes(), &each).unwrap());
    assert_eq!(read_all[0].text, "\"q\" x");
    let labels: Vec<_> = read_all.into_iter().map(|e| e.labels.unwrap()).collect();
    assert_eq!(labels, [vec!["claim"], vec!["claim", "denial"], vec![]]);
    let message = read_examples("f", b"text\tclaim\tdenial\na\tperhaps\t0\nb\t1\n", &each)
        .unwrap_err()
        .to_string();
    assert!(message.contains("f:2: column \"claim\" holds \"perhaps\""), "{message}");
    assert!(message.contains("f:3: "), "{message}");
    let message = faults(Format::Csv, "text,label\nx,y\n");
    assert!(
        message.contains("file:1: no column \"labels\"; there are text, label"),
        "{message}"
    );
}

#[test]
fn what_is_no_file_of_examples_is_refused() {
    for (name, format) in Format::ALL {
        assert_eq!(name.parse::<Format>().unwrap(), format);
    }
    assert!(
        "xml"
            .parse::<Format>()
            .unwrap_err()
            .to_string()
            .contains("expected one of jsonl, doccano")
    );
    assert!(faults(Format::Jsonl, "").contains("file: no annotations"));
    assert!(faults(Format::Csv, "").contains("no annotations"));
    let error = read_examples("a.xyz", b"x", &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("tells no format"), "{error}");
    let error = read_examples("a.json", b"[]\xff", &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("byte 2: not UTF-8"), "{error}");
    assert!(faults(Format::Jsonl, "{\"text\": \"x\", \"label\": [\"y\"]}").contains("doccano"));
    let known = ReadOptions {
        labels: names(&["claim"]),
        ..options(Format::Jsonl)
    };
    let error = read_examples("f", b"{\"text\": \"x\", \"labels\": [\"clam\"]}", &known).unwrap_err();
    assert!(error.to_string().contains("f:1: unknown label \"clam\""), "{error}");
}

#[test]
fn suggestions_go_where_each_tool_shows_them() {
    let suggest = |label: &str, probability, given| Suggestion {
        label: label.into(),
        probability,
        given,
    };
    let example = Example {
        id: Some("a-1".into()),
        text: "ونفى.".into(),
        suggestions: vec![suggest("claim", 0.3, false), suggest("denial", 0.9, true)],
        ..Example::default()
    };
    let write = |format| {
        let mut options = WriteOptions::new(format);
        options.labels = vec!["claim".into(), "denial".into()];
        String::from_utf8(write_examples(std::slice::from_ref(&example), &options).unwrap()).unwrap()
    };
    let task: serde_json::Value = serde_json::from_str(&write(Format::LabelStudio)).unwrap();
    assert_eq!(task[0]["predictions"][0]["score"], 0.7, "the least certain decision");
    assert_eq!(
        task[0]["predictions"][0]["result"][0]["value"]["choices"],
        serde_json::json!(["denial"])
    );
    assert!(task[0].get("annotations").is_none());
    let task: serde_json::Value = serde_json::from_str(&write(Format::Prodigy)).unwrap();
    assert_eq!(task["accept"], serde_json::json!(["denial"]));
    assert_eq!(task["options"][0]["id"], "claim");
    assert!(task.get("answer").is_none());
    assert_eq!(
        write(Format::Csv),
        "id,text,labels,topic,source,annotator,time,note,claim_probability,denial_probability\na-1,ونفى.,denial,,,,,,0.3,0.9\n"
    );
    assert_eq!(write(Format::FastText), "__label__denial ونفى.\n");
    for format in [Format::Jsonl, Format::LabelStudio, Format::Prodigy] {
        let back = examples(read(format, &write(format)));
        assert_eq!(back, std::slice::from_ref(&example), "{format:?}");
    }
    for format in [Format::Doccano, Format::Csv, Format::Tsv] {
        let back = examples(read(format, &write(format)));
        assert_eq!(back[0].suggestions, example.suggestions, "{format:?}");
        assert_eq!(
            back[0].labels,
            names(&["denial"]),
            "{format:?}: suggestions stand as labels"
        );
    }
}

fn any_example() -> impl Strategy<Value = Example> {
    let text = any::<String>().prop_filter("a text has content", |t| !t.trim().is_empty());
    let labels = prop::sample::subsequence(vec!["claim", "denial", "تهديد", "casualty_report"], 0..=4);
    let field = || prop::option::of("[a-z\u{600}-\u{6ff} ,;\"'\\\\]{0,12}x");
    // Prodigy's times are to the microsecond.
    let time = prop::option::of(0i64..4_000_000_000_000_000);
    (text, labels, field(), field(), field(), field(), time).prop_map(
        |(text, labels, id, topic, source, note, time)| Example {
            id,
            text,
            labels: Some(labels.into_iter().map(str::to_owned).collect()),
            topic,
            source,
            annotator: Some("ali".into()),
            time: time.map(|micros| jiff::Timestamp::from_microsecond(micros).unwrap()),
            note,
            suggestions: Vec::new(),
        },
    )
}

/// A text as a format without quoting holds it.
fn flat(text: &str, tabs: bool) -> String {
    text.trim_start_matches('\u{feff}')
        .replace(|c| c == '\n' || c == '\r' || tabs && c == '\t', " ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn every_format_gives_back_what_was_written(written in prop::collection::vec(any_example(), 1..6), each in any::<bool>()) {
        for (_, format) in Format::ALL {
            let mut how = WriteOptions::new(format);
            how.one_column_a_label = each;
            how.labels = ["claim", "denial", "تهديد", "casualty_report"].map(str::to_owned).to_vec();
            let bytes = write_examples(&written, &how).unwrap();
            let mut back = options(format);
            if each {
                back.label_columns = how.labels.clone();
            }
            let expected: Vec<Example> = match format {
                Format::FastText => written.iter().map(|e| Example {
                    text: flat(&e.text, false).trim_matches([' ', '\t', '\u{b}', '\u{c}', '\0']).to_owned(),
                    labels: e.labels.clone(),
                    ..Example::default()
                }).collect(),
                Format::Tsv => written.iter().map(|e| Example { text: flat(&e.text, true), ..e.clone() }).collect(),
                _ => written.clone(),
            };
            match read_examples("file", &bytes, &back) {
                Ok(file) => prop_assert_eq!(examples(file), expected, "{:?}", format),
                // Nothing but controls is left of the text.
                Err(e) => prop_assert!(expected.iter().any(|x| x.text.trim().is_empty()), "{:?}: {}", format, e),
            }
        }
    }

    #[test]
    fn no_content_makes_a_reader_panic(content in any::<String>(), number in 0..Format::ALL.len()) {
        let _ = read_examples("file", content.as_bytes(), &options(Format::ALL[number].1));
    }

    #[test]
    fn no_json_makes_a_reader_panic(seed in "[\\[\\]{}:,\"a-c0-9 ]{0,60}", field in "text|label|accept|answer|data|annotations|result|options|meta|suggestions") {
        let line = format!("{{\"text\": \"x\", \"label\": [], \"answer\": \"accept\", \"data\": {{\"text\": \"x\"}}, \"{field}\": {seed}}}");
        for (_, format) in Format::ALL {
            let _ = read_examples("file", line.as_bytes(), &options(format));
        }
    }
}
