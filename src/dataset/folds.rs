//! Cross-validation folds that keep groups together.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Distributes rows over `folds` folds so that all rows of a group lie in one fold, and folds are about equally
/// large: groups by descending size, each to the fold that is smallest so far. `seed` decides between groups of
/// equal size. Returns the fold of each row.
///
/// # Errors
/// If there are fewer than two folds, or fewer groups than folds.
pub fn grouped_folds(groups: &[&str], folds: usize, seed: u64) -> Result<Vec<usize>, Error> {
    if folds < 2 {
        return Err(Error::InvalidSetting(format!("{folds} folds; expected at least 2")));
    }
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups {
        *sizes.entry(group).or_default() += 1;
    }
    if sizes.len() < folds {
        return Err(Error::InvalidTrainingSet(format!(
            "{} groups (topics or sources) cannot make {folds} folds; annotate more topics or ask for fewer folds",
            sizes.len()
        )));
    }
    let mut order: Vec<(&str, usize)> = sizes.into_iter().collect();
    order.sort_by_key(|&(group, size)| (std::cmp::Reverse(size), shuffle_key(group, seed)));
    let mut filled = vec![0usize; folds];
    let mut fold_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (group, size) in order {
        let fold = (0..folds).min_by_key(|&fold| filled[fold]).unwrap_or(0);
        filled[fold] += size;
        fold_of.insert(group, fold);
    }
    Ok(groups.iter().map(|group| fold_of[group]).collect())
}

/// A persistent pseudo-random key: SHA-256 of seed and name.
pub(crate) fn shuffle_key(group: &str, seed: u64) -> [u8; 32] {
    Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(group)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stay_together_and_folds_are_even() {
        let names: Vec<String> = (0..50).map(|i| format!("g{}", i * i % 17)).collect();
        let groups: Vec<&str> = names.iter().map(String::as_str).collect();
        let folds = grouped_folds(&groups, 4, 7).unwrap();
        for (i, a) in groups.iter().enumerate() {
            for (j, b) in groups.iter().enumerate() {
                assert!(a != b || folds[i] == folds[j]);
            }
        }
        for fold in 0..4 {
            let size = folds.iter().filter(|&&f| f == fold).count();
            assert!((9..=16).contains(&size), "{size}");
        }
        assert_eq!(folds, grouped_folds(&groups, 4, 7).unwrap());
        assert!(grouped_folds(&groups, 1, 7).is_err());
        assert!(grouped_folds(&["a", "a"], 2, 7).is_err());
    }
}
