//! Records as columns.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, UInt32Builder};
use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, FieldRef};

use crate::io::record::{Record, rounded};
use crate::label::LabelSchema;

/// Records as columns, and for each the row of the input that it comes from.
#[derive(Debug)]
pub struct Table {
    /// The columns of [`own_fields`].
    pub(super) own: Vec<ArrayRef>,
    /// For each record its row in `carried`.
    pub(super) rows: UInt32Array,
    /// Rows of the input.
    pub(super) carried: Option<RecordBatch>,
}

/// Collects records of a batch.
#[derive(Debug)]
pub(in crate::io) struct TableBuilder {
    document: StringBuilder,
    /// Number of the sentence, start, end.
    numbers: [Int64Builder; 3],
    text: StringBuilder,
    predictions: Option<Predictions>,
    rows: UInt32Builder,
    carried: Option<RecordBatch>,
}

#[derive(Debug)]
struct Predictions {
    labels: ListBuilder<StringBuilder>,
    probabilities: Vec<Float64Builder>,
}

fn label_item() -> FieldRef {
    Arc::new(Field::new("element", DataType::Utf8, false))
}

/// Names and types of the columns that every output has. `labels`: `None` where only sentences are asked for.
pub(super) fn own_fields(labels: Option<&LabelSchema>) -> Vec<Field> {
    let mut fields = vec![
        Field::new("document", DataType::Utf8, false),
        Field::new("sentence", DataType::Int64, false),
        Field::new("start", DataType::Int64, false),
        Field::new("end", DataType::Int64, false),
        Field::new("text", DataType::Utf8, true),
    ];
    if let Some(labels) = labels {
        fields.push(Field::new("labels", DataType::List(label_item()), true));
        for name in labels.names() {
            let taken: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
            let name = unused(name, "probability_", &taken);
            fields.push(Field::new(name, DataType::Float64, true));
        }
    }
    fields
}

/// `name`, with `prefix` before it as often as it takes to be none of `taken`.
pub(super) fn unused(name: &str, prefix: &str, taken: &[&str]) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name.as_str()) {
        name.insert_str(0, prefix);
    }
    name
}

impl TableBuilder {
    pub(in crate::io) fn new(labels: Option<&LabelSchema>, carried: Option<RecordBatch>) -> Self {
        Self {
            document: StringBuilder::new(),
            numbers: Default::default(),
            text: StringBuilder::new(),
            predictions: labels.map(|labels| Predictions {
                labels: ListBuilder::new(StringBuilder::new()).with_field(label_item()),
                probabilities: labels.names().iter().map(|_| Float64Builder::new()).collect(),
            }),
            rows: UInt32Builder::new(),
            carried,
        }
    }

    /// Adds a record that comes from row `row` of the batch.
    pub(in crate::io) fn push(&mut self, record: &Record<'_>, row: usize, schema: Option<&LabelSchema>) {
        self.document.append_value(record.document);
        for (builder, number) in self.numbers.iter_mut().zip([record.sentence, record.start, record.end]) {
            builder.append_value(number as i64);
        }
        self.text.append_option(record.text);
        self.rows.append_value(row as u32);
        let (Some(columns), Some(schema)) = (&mut self.predictions, schema) else {
            return;
        };
        match record.prediction {
            Some((labels, probabilities)) => {
                for name in schema.names_of(labels) {
                    columns.labels.values().append_value(name);
                }
                columns.labels.append(true);
                let values = columns.probabilities.iter_mut().zip(probabilities);
                values.for_each(|(builder, &p)| builder.append_value(rounded(p)));
            }
            None => {
                columns.labels.append(false);
                columns.probabilities.iter_mut().for_each(Float64Builder::append_null);
            }
        }
    }

    pub(in crate::io) fn finish(mut self) -> Table {
        let mut own: Vec<ArrayRef> = vec![Arc::new(self.document.finish())];
        own.extend(self.numbers.iter_mut().map(ArrayBuilder::finish));
        own.push(Arc::new(self.text.finish()));
        if let Some(mut columns) = self.predictions {
            own.push(Arc::new(columns.labels.finish()));
            own.extend(columns.probabilities.iter_mut().map(ArrayBuilder::finish));
        }
        Table {
            own,
            rows: self.rows.finish(),
            carried: self.carried,
        }
    }
}
