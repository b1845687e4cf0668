//! Buffers that are used again.
//!
//! A batch takes some hundred kilobytes. The system's allocator hands so large a block back to the operating system when
//! it is freed, and each page of the next one costs a fault: an eighth of the time of a run over 16 MB. So buffers go round instead.

use std::sync::Mutex;

/// How many buffers are kept at most: two for each of the most threads. What is kept by nobody goes to the allocator, which has
/// a heap for each thread and gives little of it back: with 32 threads that took more than all else.
const KEPT: usize = 64;
/// The largest buffer that is kept, in bytes: a batch of usual lines, not one with a line of megabytes.
const LARGEST: usize = 1 << 18;

static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// An empty buffer with room for `bytes` bytes.
pub(super) fn take(bytes: usize) -> Vec<u8> {
    if bytes == 0 {
        return Vec::new();
    }
    // Not waited for: the lock may be held for ever in a process that has forked.
    let kept = SPARE.try_lock().ok().and_then(|mut spare| spare.pop());
    let mut buffer = kept.unwrap_or_default();
    buffer.reserve(bytes);
    buffer
}

/// Gives a buffer back that nobody needs any more.
pub fn give_back(mut buffer: Vec<u8>) {
    if let Ok(mut spare) = SPARE.try_lock()
        && spare.len() < KEPT
        && (1..=LARGEST).contains(&buffer.capacity())
    {
        buffer.clear();
        spare.push(buffer);
    }
}

/// An empty string with room for `bytes` bytes.
pub(super) fn take_string(bytes: usize) -> String {
    String::from_utf8(take(bytes)).expect("an empty buffer is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_empty_and_only_so_many_of_them() {
        for _ in 0..2 * KEPT {
            give_back(vec![7; 100]);
        }
        give_back(vec![7; LARGEST + 1]);
        let kept = SPARE.lock().unwrap().len();
        assert!((1..=KEPT).contains(&kept), "{kept}");
        let buffer = take(1000);
        assert!(buffer.is_empty() && buffer.capacity() >= 1000);
        assert_eq!(take_string(5), "");
    }
}
