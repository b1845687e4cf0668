//! The report of `bayan evaluate`: the page itself, and the option on the real binary.

mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bayan::dataset::Annotation;
use bayan::report::{Report, ReportedSentence};
use bayan::{Classifier, LabelSchema, LabelSet};
use scraper::{ElementRef, Html, Selector};

/// Sentences of every kind; with [`wrong_truths`] each is an error.
const SENTENCES: [&str; 4] = [
    "ونفى المتحدث باسم الوزارة صحة هذه الأنباء.",
    "قُتل ثلاثة أشخاص وأصيب عشرة في انفجار وسط المدينة.",
    "وهدد زعيم الجماعة بالرد على أي هجوم \"قاسيا\" خلال 48 ساعة.",
    "افتتح الوزير المعرض صباح اليوم.",
];

fn select<'h>(html: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect()
}

fn attribute<'h>(element: ElementRef<'h>, name: &str) -> &'h str {
    element.value().attr(name).unwrap_or_default()
}

/// For each sentence the labels that the classifier does not give.
fn wrong_truths(classifier: &Classifier, texts: &[&str]) -> Vec<LabelSet> {
    let labels = classifier.schema().len();
    let complement = |text: &&str| {
        let given = classifier.predict(text).labels;
        let missing = (0..labels).filter(|&l| !given.contains(l));
        missing.fold(LabelSet::default(), LabelSet::with)
    };
    texts.iter().map(complement).collect()
}

/// The report on sentences that are all wrong.
fn page(classifier: &Classifier, name: &str, texts: &[&str]) -> String {
    let truths = wrong_truths(classifier, texts);
    let (outcomes, evaluation) = classifier.evaluate(texts.iter().copied().zip(truths));
    let sentences: Vec<ReportedSentence<'_>> = texts.iter().map(|text| ReportedSentence { id: name, text }).collect();
    let report = Report {
        model: name,
        classifier,
        data: name,
        data_digest: "0123",
        groups: 1,
        sentences: &sentences,
        outcomes: &outcomes,
        evaluation: &evaluation,
        learning: &[],
        errors: 100,
        features: 5,
    };
    let html = report.to_html().unwrap();
    assert_eq!(html, report.to_html().unwrap(), "the same page each time");
    html
}

fn assert_whole_and_accessible(source: &str) -> Html {
    let html = Html::parse_document(source);
    assert!(html.errors.is_empty(), "{:?}", html.errors);
    assert_eq!(attribute(html.root_element(), "lang"), "en");
    assert_eq!(attribute(html.root_element(), "dir"), "ltr");
    for forbidden in [
        "script", "link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "[src]", "[srcset]",
        "[onload]",
    ] {
        assert!(select(&html, forbidden).is_empty(), "{forbidden}");
    }
    let style = text(select(&html, "style")[0]);
    for forbidden in ["url(", "@import", "http", "//"] {
        assert!(!style.contains(forbidden), "{forbidden} in the style sheet");
    }
    let ids: Vec<&str> = select(&html, "[id]").into_iter().map(|e| attribute(e, "id")).collect();
    let distinct: HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "ids occur twice");
    for link in select(&html, "[href]") {
        let target = attribute(link, "href").strip_prefix('#').expect("a place on the page");
        assert!(distinct.contains(target), "{target}");
    }
    for name in ["aria-labelledby", "aria-describedby"] {
        for element in select(&html, &format!("[{name}]")) {
            assert!(distinct.contains(attribute(element, name)), "{}", element.html());
        }
    }
    for landmark in ["header", "nav[aria-label]", "main"] {
        assert_eq!(select(&html, landmark).len(), 1, "{landmark}");
    }
    for table in select(&html, "table") {
        let count = |selector: &str| table.select(&Selector::parse(selector).unwrap()).count();
        assert_eq!(count("caption"), 1);
        assert_eq!(count("th"), count("thead th[scope=col]") + count("tbody th[scope=row]"));
        assert_eq!(count("tbody tr"), count("tbody th[scope=row]"));
    }
    for svg in select(&html, "svg") {
        assert_eq!(attribute(svg, "role"), "img");
        for part in ["title", "desc"] {
            let part = svg.select(&Selector::parse(part).unwrap()).next().unwrap();
            assert!(!text(part).trim().is_empty());
        }
    }
    html
}

#[test]
fn the_page_is_whole_and_accessible() {
    let classifier = common::shipped();
    let html = assert_whole_and_accessible(&page(classifier, "model", &SENTENCES));
    assert_eq!(select(&html, "svg").len(), 3 * classifier.schema().len());
    assert_eq!(select(&html, "article").len(), SENTENCES.len());
    for sentence in select(&html, ".sentence") {
        assert_eq!((attribute(sentence, "lang"), attribute(sentence, "dir")), ("ar", "rtl"));
        assert!(SENTENCES.contains(&text(sentence).as_str()), "{}", text(sentence));
    }
    for (label, name) in classifier.schema().names().iter().enumerate() {
        let heaviest = classifier.heaviest_features(label, true, 5);
        assert!(heaviest.is_sorted_by(|a, b| a.weight >= b.weight) && heaviest[4].weight > 0.0);
        let caption = select(&html, &format!("#for-{label}"))[0];
        assert!(text(caption).contains(name));
        let first = select(&html, &format!("[aria-labelledby=for-{label}] tbody th"))[0];
        assert!(heaviest[0].key.contains(&text(first)), "{}", text(first));
    }
}

#[test]
fn the_marks_are_the_words_of_the_explanation() {
    let classifier = common::shipped();
    let html = Html::parse_document(&page(classifier, "model", &SENTENCES));
    let mut marked = 0;
    for article in select(&html, "article") {
        let part = |selector: &str| article.select(&Selector::parse(selector).unwrap()).collect::<Vec<_>>();
        let faults = part(".fault");
        for (fault, sentence) in faults.into_iter().zip(part(".sentence")) {
            let sentence_text = text(sentence);
            let explanation = classifier.explain(&sentence_text);
            let label = text(fault.select(&Selector::parse(".label").unwrap()).next().unwrap());
            let reasons = explanation.labels.iter().find(|l| l.label == label).unwrap();
            let expected: Vec<(&str, String)> = reasons
                .salient_words()
                .map(|(span, share)| {
                    (
                        if share > 0.0 { "for" } else { "against" },
                        span.of(&sentence_text).to_owned(),
                    )
                })
                .collect();
            let marks: Vec<(&str, String)> = sentence
                .select(&Selector::parse("mark").unwrap())
                .map(|mark| (attribute(mark, "class"), text(mark)))
                .collect();
            assert_eq!(marks, expected);
            assert!(text(fault).contains(&format!("{:.3}", reasons.probability)));
            marked += marks.len();
        }
    }
    assert!(marked > SENTENCES.len());
}

#[test]
fn hostile_text_is_escaped_and_cannot_reorder_the_page() {
    let hostile = [
        "قال <script>alert('x')</script> & \"نعم\" </p></main><b>",
        "هدد \u{202e}tnirp\u{202c} العدو \u{2067}نص\u{2069}\u{2069} <!-- ]]> \u{0}\u{7}",
        "{{ 7*7 }} {% include \"x\" %} قال &lt;b&gt; `${1}`",
    ];
    let mut parts = common::shipped().parts().clone();
    parts.schema = LabelSchema::new(["<i>claim\u{202e}", "a\"b", "'onload=x", "ادعاء & نفي"]).unwrap();
    let classifier = Classifier::from_parts(parts).unwrap();
    let source = page(&classifier, "<script>\"\u{2066}'", &hostile);
    for c in [
        '\u{202e}', '\u{202c}', '\u{2066}', '\u{2067}', '\u{2069}', '\0', '\u{7}',
    ] {
        assert!(!source.contains(c), "{c:?}");
    }
    let html = assert_whole_and_accessible(&source);
    assert!(select(&html, "i, p b b, main main").is_empty());
    let shown: HashSet<String> = select(&html, ".sentence").into_iter().map(text).collect();
    let expected = [
        hostile[0].to_owned(),
        "هدد ⟦U+202E⟧tnirp⟦U+202C⟧ العدو ⟦U+2067⟧نص⟦U+2069⟧⟦U+2069⟧ <!-- ]]> ⟦U+0000⟧⟦U+0007⟧".to_owned(),
        hostile[2].to_owned(),
    ];
    assert_eq!(shown, expected.into_iter().collect());
    let labels: HashSet<String> = select(&html, "bdi.label").into_iter().map(text).collect();
    assert!(
        labels.contains("<i>claim⟦U+202E⟧") && labels.contains("ادعاء & نفي"),
        "{labels:?}"
    );
}

#[test]
fn a_label_that_nobody_has_gets_no_curves() {
    let classifier = common::shipped();
    let truth = classifier.schema().set_of(&["denial"]).unwrap();
    let (outcomes, evaluation) = classifier.evaluate([(SENTENCES[0], truth)]);
    let sentences = [ReportedSentence {
        id: "1",
        text: SENTENCES[0],
    }];
    let mut report = Report {
        model: "m",
        classifier,
        data: "d",
        data_digest: "",
        groups: 1,
        sentences: &sentences,
        outcomes: &outcomes,
        evaluation: &evaluation,
        learning: &[],
        errors: 5,
        features: 1,
    };
    let html = assert_whole_and_accessible(&report.to_html().unwrap());
    assert_eq!(select(&html, "svg").len(), 3);
    assert!(html.html().contains("No sentence of the data has this label"));
    assert!(html.html().contains("No sentence has a wrong label."));
    report.sentences = &[];
    assert!(
        report
            .to_html()
            .unwrap_err()
            .to_string()
            .contains("1 outcomes for 0 sentences")
    );
}

fn bayan(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bayan")).args(args).output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Annotations as a file.
fn write(path: &Path, annotations: &[Annotation]) -> String {
    let lines: Vec<String> = annotations.iter().map(|a| serde_json::to_string(a).unwrap()).collect();
    fs::write(path, lines.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Names of all files in a directory, hidden ones too.
fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_option_writes_the_page_and_changes_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let annotations: Vec<Annotation> = common::annotations().into_iter().take(40).collect();
    let data = write(&dir.path().join("data.jsonl"), &annotations);
    let report = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let plain = bayan(&["evaluate", &data]);
    let first = bayan(&["evaluate", &data, "--report", &report("a.html"), "--errors", "2"]);
    let second = bayan(&["-q", "evaluate", &data, "--report", &report("b.html"), "--errors", "2"]);
    assert!(first.status.success(), "{}", errors(&first));
    assert_eq!((&plain.stdout, &plain.stdout), (&first.stdout, &second.stdout));
    assert!(errors(&first).contains("wrote") && second.stderr.is_empty());
    let source = fs::read_to_string(report("a.html")).unwrap();
    assert_eq!(source, fs::read_to_string(report("b.html")).unwrap());
    assert_eq!(files(dir.path()), ["a.html", "b.html", "data.jsonl"]);
    let html = assert_whole_and_accessible(&source);
    assert!(select(&html, "article").len() <= 2);
    assert!(text(select(&html, ".facts")[0]).contains("40 sentences"));
    let printed = String::from_utf8(plain.stdout).unwrap();
    let claim = printed.lines().find(|l| l.starts_with("claim")).unwrap();
    for cell in select(&html, "[aria-labelledby=by-label] tbody tr:first-child td")
        .into_iter()
        .take(7)
    {
        assert!(
            claim.split_whitespace().any(|w| w == text(cell)),
            "{} not in {claim}",
            text(cell)
        );
    }
}

#[test]
fn a_report_that_cannot_be_written_leaves_nothing_and_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let annotations: Vec<Annotation> = common::annotations().into_iter().take(10).collect();
    let data = write(&dir.path().join("data.jsonl"), &annotations);
    let before = fs::read(&data).unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    fs::write(dir.path().join("old.html"), "old").unwrap();
    fs::write(dir.path().join("bad.jsonl"), "no json").unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    for (input, report, expected) in [
        (&data, path("folder"), "folder: is a directory"),
        (&data, format!("{data}/out.html"), "data.jsonl"),
        (&data, data.clone(), "would replace a file that it is made from"),
        (&path("bad.jsonl"), path("old.html"), "bad.jsonl:1"),
    ] {
        let output = bayan(&["evaluate", input, "--report", &report]);
        assert_eq!(output.status.code(), Some(2), "{report}");
        assert!(errors(&output).contains(expected), "{}", errors(&output));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(files(dir.path()), ["bad.jsonl", "data.jsonl", "folder", "old.html"]);
    assert_eq!(fs::read(&data).unwrap(), before);
    assert_eq!(fs::read(path("old.html")).unwrap(), b"old");
    let lonely = bayan(&["evaluate", &data, "--learning-curve", &data]);
    assert!(errors(&lonely).contains("--report"), "{}", errors(&lonely));
}

#[test]
fn a_learning_curve_by_whole_topics() {
    let dir = tempfile::tempdir().unwrap();
    let mut per_topic = std::collections::BTreeMap::<String, usize>::new();
    let mut annotations = common::annotations();
    annotations.sort_by_key(|a| a.id.clone());
    annotations.retain(|a| {
        let seen = per_topic.entry(a.group().to_owned()).or_default();
        *seen += 1;
        *seen <= 15
    });
    annotations.truncate(24 * 15);
    // The last topic is tested; one of its sentences is also trained on.
    let (training, test) = annotations.split_at(23 * 15);
    let test_file = write(&dir.path().join("test.jsonl"), test);
    let training_file = write(&dir.path().join("train.jsonl"), &[training, &test[..1]].concat());
    let report = dir.path().join("report.html");
    let output = bayan(&[
        "evaluate",
        &test_file,
        "--report",
        report.to_str().unwrap(),
        "--learning-curve",
        &training_file,
    ]);
    assert!(output.status.success(), "{}", errors(&output));
    assert!(
        errors(&output).contains("left out of training: 1\n"),
        "{}",
        errors(&output)
    );
    let html = assert_whole_and_accessible(&fs::read_to_string(report).unwrap());
    let rows = select(&html, "[aria-labelledby=learning-table] tbody tr");
    let cell = |row: usize, column: usize| text(rows[row].select(&Selector::parse("td").unwrap()).nth(column).unwrap());
    assert_eq!(rows.len(), 4);
    assert_eq!((cell(3, 0), cell(3, 1)), ("23".into(), "345".into()));
    // An eighth are 3 topics, too few for five folds: said, not hidden.
    assert_eq!((cell(0, 0), cell(0, 2)), ("3".into(), "–".into()));
    assert!(
        errors(&output).contains("1/8 of the topics: cannot train"),
        "{}",
        errors(&output)
    );
    assert!(html.html().contains("cannot be trained on"));
    let f1: f64 = cell(3, 2).parse().unwrap();
    assert!((0.0..=1.0).contains(&f1) && f1 > 0.2, "{f1}");
    assert_eq!(select(&html, "#learning-curve-title").len(), 1);
}
