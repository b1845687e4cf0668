//! Which of a few strings are among many front-coded ones: one pass over both, without an index.
//!
//! Enters: front-coded strings, and strings to look for, both ascending. Leaves: the columns of those that are there.

use super::front_coded::FrontCoded;

impl FrontCoded {
    /// Calls `sink` with the position in `wanted` and the column of each string that is there. `wanted` ascends strictly.
    ///
    /// Most strings are passed over by the number of bytes that they share with the one before, as in a merge sort of
    /// strings that knows common prefixes (W. Ng and K. Kakehi, "Merging string sequences by longest common prefixes", 2008).
    pub fn join(&self, wanted: &[impl AsRef<str>], mut sink: impl FnMut(usize, u32)) {
        debug_assert!(wanted.is_sorted_by(|a, b| a.as_ref() < b.as_ref()));
        let mut wanted = wanted.iter().map(|string| string.as_ref().as_bytes()).enumerate();
        let Some((mut position, mut sought)) = wanted.next() else {
            return;
        };
        let mut string = Vec::new();
        // How many bytes of what is sought the last string begins with; it comes before what is sought.
        let mut matched = 0;
        let mut steps = self.steps();
        loop {
            steps.pass_over_sharing_more(matched);
            let Some(step) = steps.next() else { return };
            // It differs from what is sought where the last one did, and in the same way; or there, and is less still.
            if step.shared > matched || step.shared == matched && step.suffix().first() < sought.get(matched) {
                continue;
            }
            string.clear();
            string.extend_from_slice(&sought[..step.shared]);
            string.extend_from_slice(step.suffix());
            while string.as_slice() >= sought {
                if string == sought {
                    sink(position, step.column);
                }
                match wanted.next() {
                    Some(next) => (position, sought) = next,
                    None => return,
                }
            }
            matched = string.iter().zip(sought).take_while(|(a, b)| a == b).count();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::front_coded::tests::sharing_less;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_is_there(
            strings in prop::collection::btree_set("[bc][اب a]{0,6}(a{250,260})?[اب]{0,3}", 0..200),
            others in prop::collection::btree_set("[abcd]{0,1}[اب a]{0,6}(a{250,260})?[اب]{0,3}", 0..40),
            every in 1usize..90,
            less in 0u8..6,
        ) {
            let mut wanted = others;
            wanted.extend(strings.iter().step_by(every).cloned());
            let wanted: Vec<String> = wanted.into_iter().collect();
            let expected: Vec<_> = wanted
                .iter()
                .enumerate()
                .filter_map(|(position, w)| Some((position, strings.iter().position(|s| s == w)? as u32)))
                .collect();
            for coded in [FrontCoded::encode(&strings).unwrap(), sharing_less(&strings, less)] {
                let mut found = Vec::new();
                coded.join(&wanted, |position, column| found.push((position, column)));
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
