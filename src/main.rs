//! The command line; all of it lies in [`bayan::cli`].

fn main() -> std::process::ExitCode {
    bayan::cli::run()
}
