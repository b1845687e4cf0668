//! A labeller's memory is bounded, whatever it is given. The only test of its binary, since it counts all bytes that the
//! process holds.

mod common;

use bayan::classifier::DEFAULT_CACHE_TOKENS;
use common::never_repeating::{sentence, word};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Labels sentences made of words that differ from all before, and returns how many there were.
fn label_new_words(labeller: &mut bayan::Labeller<'_>, sentences: std::ops::Range<u64>) -> usize {
    sentences
        .map(|number| {
            labeller.label(&sentence(number));
            20
        })
        .sum()
}

#[test]
fn words_that_never_repeat_do_not_make_a_labeller_grow() {
    let first: std::collections::HashSet<String> = (0..20_000).map(word).collect();
    assert_eq!(first.len(), 20_000);
    drop(first);

    let classifier = common::shipped();
    let mut labeller = classifier.labeller();
    // What does not grow with the words.
    classifier.prepare();
    labeller.label("خبر");
    let before = MEMORY.current_usage();
    let words = label_new_words(&mut labeller, 0..10_000);
    assert!(words > DEFAULT_CACHE_TOKENS * 5 / 8, "the cache is not full");
    let full = MEMORY.current_usage();
    // 32 bytes a token, and the scratch for a sentence.
    let cache = DEFAULT_CACHE_TOKENS * 32;
    assert!(full - before <= cache + (1 << 20), "{} bytes", full - before);

    MEMORY.reset_peak_usage();
    label_new_words(&mut labeller, 10_000..30_000);
    let (after, peak) = (MEMORY.current_usage(), MEMORY.peak_usage());
    assert!(after <= full + 4096, "grew from {full} to {after} bytes");
    // While a full cache is replaced there are two.
    let bound = full + cache + (64 << 10);
    assert!(peak <= bound, "went from {full} up to {peak} bytes");
}
