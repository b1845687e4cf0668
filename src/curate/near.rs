//! Near-duplicates among sentences: pairs that share most of their words and word pairs.
//!
//! Two sentences are compared by the Jaccard similarity of their sets of normalised words and pairs of neighbouring
//! words: 1 for the same words in the same order, about 0.85 where one word in twenty differs. All pairs above a limit are
//! found without comparing all: of two such sets, one of the rarest elements of each must be in common (prefix filter:
//! R. Bayardo, Y. Ma and R. Srikant, "Scaling up all pairs similarity search", WWW 2007).

use std::collections::HashMap;

use super::words::Words;

/// Which of some sentences are near-duplicates of each other. Sentences of the same words form one class.
#[derive(Debug, Clone)]
pub struct NearDuplicates {
    class_of: Vec<usize>,
    members: Vec<Vec<usize>>,
    near: Vec<Vec<(usize, f64)>>,
}

impl NearDuplicates {
    /// Compares `texts` with each other. `similarity` is the least Jaccard similarity of near-duplicates, in (0, 1].
    pub fn find<'t>(texts: impl IntoIterator<Item = &'t str>, similarity: f64) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut words = Words::new();
        let mut classes: HashMap<Vec<u32>, usize> = HashMap::new();
        let (mut class_of, mut members, mut sets) = (Vec::new(), Vec::<Vec<usize>>::new(), Vec::new());
        for (row, text) in texts.into_iter().enumerate() {
            let set = element_set(text, &mut words, &mut numbers);
            let class = *classes.entry(set).or_insert_with_key(|set| {
                members.push(Vec::new());
                sets.push(set.clone());
                members.len() - 1
            });
            members[class].push(row);
            class_of.push(class);
        }
        rarest_first(&mut sets, numbers.len());
        Self {
            class_of,
            near: join(&sets, similarity),
            members,
        }
    }

    /// The class of a sentence.
    ///
    /// # Panics
    /// If there is no such sentence.
    pub fn class(&self, row: usize) -> usize {
        self.class_of[row]
    }

    /// The sentences of a class, ascending.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn members(&self, class: usize) -> &[usize] {
        &self.members[class]
    }

    /// The classes that are similar to a class, ascending, with their similarity; without the class itself.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn near(&self, class: usize) -> &[(usize, f64)] {
        &self.near[class]
    }
}

/// The numbers of the words and word pairs of a text, ascending, distinct.
fn element_set(text: &str, words: &mut Words, numbers: &mut HashMap<String, u32>) -> Vec<u32> {
    let mut set = Vec::new();
    let mut pair = String::new();
    let mut number = |element: &str| match numbers.get(element) {
        Some(&number) => number,
        None => {
            let next = numbers.len() as u32;
            numbers.insert(element.to_owned(), next);
            next
        }
    };
    words.each(text, |word| {
        set.push(number(word));
        if !pair.is_empty() {
            pair.push(' ');
            pair.push_str(word);
            set.push(number(&pair));
            pair.clear();
        }
        pair.push_str(word);
    });
    set.sort_unstable();
    set.dedup();
    set
}

/// Renumbers elements by ascending frequency and sorts each set by that.
fn rarest_first(sets: &mut [Vec<u32>], elements: usize) {
    let mut frequency = vec![0u32; elements];
    sets.iter()
        .flatten()
        .for_each(|&element| frequency[element as usize] += 1);
    let mut order: Vec<u32> = (0..elements as u32).collect();
    order.sort_unstable_by_key(|&element| (frequency[element as usize], element));
    let mut rank = vec![0u32; elements];
    for (position, element) in (0u32..).zip(order) {
        rank[element as usize] = position;
    }
    for set in sets {
        set.iter_mut().for_each(|element| *element = rank[*element as usize]);
        set.sort_unstable();
    }
}

/// For each set the others with at least this Jaccard similarity.
fn join(sets: &[Vec<u32>], similarity: f64) -> Vec<Vec<(usize, f64)>> {
    let mut near = vec![Vec::new(); sets.len()];
    let mut by_size: Vec<usize> = (0..sets.len()).filter(|&i| !sets[i].is_empty()).collect();
    by_size.sort_by_key(|&i| (sets[i].len(), i));
    // Sets seen so far, by each element of their prefix.
    let mut holders: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut compared_with = vec![usize::MAX; sets.len()];
    for &i in &by_size {
        let set = &sets[i];
        let least = least_overlap(similarity, set.len());
        let prefix = &set[..set.len() + 1 - least];
        for element in prefix {
            for &other in holders.get(element).into_iter().flatten() {
                if compared_with[other] == i || sets[other].len() < least {
                    continue;
                }
                compared_with[other] = i;
                let jaccard = jaccard(set, &sets[other]);
                if jaccard >= similarity {
                    near[i].push((other, jaccard));
                    near[other].push((i, jaccard));
                }
            }
        }
        for &element in prefix {
            holders.entry(element).or_default().push(i);
        }
    }
    near.iter_mut()
        .for_each(|list| list.sort_unstable_by_key(|&(class, _)| class));
    near
}

/// How many elements a set of this size must at least share with another, to be similar; at least 1.
fn least_overlap(similarity: f64, size: usize) -> usize {
    ((similarity * size as f64 - 1e-9).ceil() as usize).clamp(1, size)
}

/// Jaccard similarity of two ascending sets.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    shared as f64 / (a.len() + b.len() - shared) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn classes_and_neighbours() {
        let texts = [
            "قالت الشرطة إن ثلاثة أشخاص قتلوا في انفجار وسط المدينة مساء الأحد",
            "قالت الشرطة إن ٣ أشخاص قتلوا في انفجار وسط المدينة مساء الأحد",
            "قالت الشرطة: إن ثلاثة أشخاص قتلوا في انفجار، وسط المدينة مساء الاحد.",
            "فاز الفريق بالكأس",
            "...",
            "!",
        ];
        let near = NearDuplicates::find(texts, 0.6);
        assert_eq!(near.class(0), near.class(2));
        assert_eq!(near.members(near.class(0)), [0, 2]);
        let [(other, similarity)] = near.near(near.class(0)) else {
            panic!("{near:?}")
        };
        assert_eq!(*other, near.class(1));
        assert!((0.7..0.9).contains(similarity), "{similarity}");
        assert!(near.near(near.class(3)).is_empty() && near.near(near.class(4)).is_empty());
    }

    proptest! {
        #[test]
        fn the_join_finds_all_similar_pairs_and_no_others(
            texts in prop::collection::vec(prop::collection::vec(0u8..9, 0..9), 0..25),
            percent in 20u32..=100,
        ) {
            let texts: Vec<String> = texts
                .iter()
                .map(|words| words.iter().map(|w| format!("k{}", char::from(b'a' + w))).collect::<Vec<_>>().join(" "))
                .collect();
            let limit = f64::from(percent) / 100.0;
            let near = NearDuplicates::find(texts.iter().map(String::as_str), limit);
            let mut numbers = HashMap::new();
            let mut words = Words::new();
            let sets: Vec<Vec<u32>> = texts.iter().map(|t| element_set(t, &mut words, &mut numbers)).collect();
            for a in 0..texts.len() {
                for b in 0..a {
                    if sets[a].is_empty() || sets[b].is_empty() {
                        continue;
                    }
                    let expected = jaccard(&sets[a], &sets[b]);
                    let found = near.near(near.class(a)).iter().find(|(class, _)| *class == near.class(b));
                    if sets[a] == sets[b] {
                        prop_assert_eq!(near.class(a), near.class(b));
                    } else {
                        prop_assert_eq!(found.map(|f| f.1), (expected >= limit).then_some(expected));
                    }
                }
            }
        }
    }
}
