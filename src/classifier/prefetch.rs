//! Asking for memory before it is needed.

/// Lets the processor fetch a value while other work goes on. Changes no result; does nothing where there is no such
/// instruction.
#[inline(always)]
pub(super) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    safe_arch::prefetch_t0(value);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
