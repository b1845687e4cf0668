//! A stream of Arabic-looking words that never repeat: what a labeller that remembers words fears most.

/// The letters of the words.
const LETTERS: [char; 29] = [
    'ب', 'ة', 'ت', 'ث', 'ج', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ظ', 'ع', 'غ', 'ف', 'ق', 'ك', 'ل',
    'م', 'ن', 'ه', 'و', 'ى', 'ي',
];
/// Letters of a word.
const LENGTH: u32 = 8;
/// Spreads neighbouring numbers over all words. It shares no factor with 29, so no word comes twice.
const SPREAD: u128 = 305_175_781_247;

/// The `number`-th word; all of the first 29^8 differ.
pub fn word(number: u64) -> String {
    let letters = LETTERS.len() as u128;
    let mut rest = u128::from(number) * SPREAD % letters.pow(LENGTH);
    (0..LENGTH)
        .map(|_| {
            let letter = LETTERS[(rest % letters) as usize];
            rest /= letters;
            letter
        })
        .collect()
}

/// Sentence `number`: the next 20 words.
pub fn sentence(number: u64) -> String {
    let words: Vec<String> = (0..20).map(|i| word(number * 20 + i)).collect();
    words.join(" ")
}
