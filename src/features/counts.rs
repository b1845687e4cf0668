//! Counts of all features of a training set, before any is chosen or weighted.
//!
//! Enters: texts. Leaves: a [`CountMatrix`]. Counting once and choosing columns for each fold of a
//! cross-validation (see [`super::FeatureSpace`]) keeps held-out sentences out of the vocabulary and idf.

use std::collections::HashMap;

use hashbrown::HashMap as FastMap;

use super::analyzer::Analyzer;

/// Counts of features by sentence. Columns ascend by key, whatever the order of the texts.
#[derive(Debug, Clone)]
pub struct CountMatrix {
    /// Feature keys, ascending.
    pub keys: Vec<String>,
    /// For each text its `(column, count)`s by ascending column.
    pub rows: Vec<Box<[(u32, u32)]>>,
    /// For each text its number of terms.
    pub lengths: Vec<u32>,
}

/// Counts the features of `texts`.
pub fn count_features<'t>(analyzer: &Analyzer, texts: impl IntoIterator<Item = &'t str>) -> CountMatrix {
    let mut ids: FastMap<String, u32> = FastMap::new();
    let mut rows = Vec::new();
    let mut lengths = Vec::new();
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for text in texts {
        counts.clear();
        let length = analyzer.features(text, |key, _| {
            let next = ids.len() as u32;
            let id = match ids.get(key) {
                Some(&id) => id,
                None => *ids.entry_ref(key).or_insert(next),
            };
            *counts.entry(id).or_default() += 1;
        });
        rows.push(counts.iter().map(|(&id, &count)| (id, count)).collect());
        lengths.push(length);
    }
    sort_columns(ids, rows, lengths)
}

/// Renames columns from the order of first occurrence to the order of keys.
fn sort_columns(ids: FastMap<String, u32>, mut rows: Vec<Box<[(u32, u32)]>>, lengths: Vec<u32>) -> CountMatrix {
    let mut named: Vec<(String, u32)> = ids.into_iter().collect();
    named.sort_unstable();
    let mut rank = vec![0u32; named.len()];
    for (column, &(_, id)) in named.iter().enumerate() {
        rank[id as usize] = column as u32;
    }
    for row in &mut rows {
        for entry in row.iter_mut() {
            entry.0 = rank[entry.0 as usize];
        }
        row.sort_unstable();
    }
    CountMatrix {
        keys: named.into_iter().map(|(key, _)| key).collect(),
        rows,
        lengths,
    }
}
