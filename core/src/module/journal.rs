//! The crash journal: which module ran when a signal ended the process.
//!
//! Such a crash cannot be contained in process. The handler writes one line and lets the signal take its
//! course; after a restart a module with three lines is kept out until the operator reloads it.

use std::cell::Cell;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::IntoRawFd;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};

/// So many crashes keep a module out.
pub const CRASHES_TO_QUARANTINE: usize = 3;

static JOURNAL: AtomicI32 = AtomicI32::new(-1);

thread_local! {
    /// The name of the module this thread runs in. No destructor, so that a signal handler may read it.
    static CURRENT: Cell<(*const u8, usize)> = const { Cell::new((std::ptr::null(), 0)) };
}

/// Marks the thread as running in a module.
pub(crate) fn during<T>(module: &str, work: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace((module.as_ptr(), module.len()));
    let result = work();
    CURRENT.set(before);
    result
}

/// Opens the journal and installs the handler.
pub fn open(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    JOURNAL.store(file.into_raw_fd(), Ordering::Release);
    for signal in [
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGABRT,
        libc::SIGFPE,
        libc::SIGILL,
    ] {
        // SAFETY: the handler does only what a signal handler may; the structure is zeroed, which is valid.
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handle as extern "C" fn(i32) as libc::sighandler_t;
            action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut())
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Writes "module signal" and raises the signal again, whose handler is the default's by now.
extern "C" fn handle(signal: i32) {
    let journal = JOURNAL.load(Ordering::Acquire);
    let (name, len) = CURRENT.get();
    // SAFETY: `write` and `raise` are async-signal-safe; the name belongs to the call this thread is in.
    unsafe {
        if journal >= 0 && !name.is_null() {
            let ending = match signal {
                libc::SIGSEGV => &b" SIGSEGV\n"[..],
                libc::SIGBUS => b" SIGBUS\n",
                libc::SIGABRT => b" SIGABRT\n",
                libc::SIGFPE => b" SIGFPE\n",
                _ => b" SIGILL\n",
            };
            libc::write(journal, name.cast(), len);
            libc::write(journal, ending.as_ptr().cast(), ending.len());
        }
        libc::raise(signal);
    }
}

/// How often each process end was this module's.
pub fn crashes(path: &Path, module: &str) -> usize {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| line.split(' ').next() == Some(module))
        .count()
}

/// Forgets a module's crashes, when the operator reloads it.
pub fn forgive(path: &Path, module: &str) -> io::Result<()> {
    if crashes(path, module) == 0 {
        return Ok(());
    }
    let text = fs::read_to_string(path)?;
    let kept = text
        .lines()
        .filter(|line| line.split(' ').next() != Some(module));
    // In place, because the handler's descriptor must go on meaning this file.
    fs::write(
        path,
        kept.fold(String::new(), |text, line| text + line + "\n"),
    )
}
