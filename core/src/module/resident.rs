//! Giving memory back that only loading needed.
//!
//! To load the program and its modules touches most of their code once: the linker binds it, descriptors are made, settings
//! read. These pages are the files', so the system may be told that nobody needs them now; whoever runs into one again gets
//! it from the file. Of an idle server's memory that is more than half.

use std::ffi::{c_int, c_void};
use std::slice;

use libc::{Elf64_Phdr, PF_W, PT_DYNAMIC, PT_LOAD, dl_phdr_info};

/// An entry of a dynamic section, as ELF lays it out.
#[repr(C)]
struct Dynamic {
    tag: i64,
    value: u64,
}

const DT_NULL: i64 = 0;
const DT_TEXTREL: i64 = 22;
const DT_FLAGS: i64 = 30;
const DF_TEXTREL: u64 = 4;

/// Gives back the pages of the code and constants of everything that is loaded; gives how many bytes lie in them, whether
/// they were in memory or not. Pages that are in use come back by themselves.
pub fn release_code() -> usize {
    let _held = super::library::still();
    let mut bytes = 0_usize;
    // SAFETY: the function is called for each loaded object with a structure that lives as long as that call, and with
    // the pointer to `bytes`, which is used nowhere else meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(release_object), (&raw mut bytes).cast()) };
    bytes
}

unsafe extern "C" fn release_object(
    info: *mut dl_phdr_info,
    _size: usize,
    bytes: *mut c_void,
) -> c_int {
    // SAFETY: the caller of this function says so in `release_code`.
    let (info, bytes) = unsafe { (&*info, &mut *bytes.cast::<usize>()) };
    // SAFETY: the linker keeps the headers of a loaded object in place, as many as it says.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    if !headers
        .iter()
        .any(|header| has_relocated_code(info, header))
    {
        let constant =
            |header: &&Elf64_Phdr| header.p_type == PT_LOAD && header.p_flags & PF_W == 0;
        *bytes += headers
            .iter()
            .filter(constant)
            .map(|header| release(info, header))
            .sum::<usize>();
    }
    0
}

/// Whether the linker has written into the object's code, which then is not the file's any more.
fn has_relocated_code(info: &dl_phdr_info, header: &Elf64_Phdr) -> bool {
    if header.p_type != PT_DYNAMIC {
        return false;
    }
    let Some(mut entry) = place(info, header.p_vaddr) else {
        return true;
    };
    loop {
        // SAFETY: a dynamic section is a row of such entries, and the loop ends with the one that says it is the last.
        let Dynamic { tag, value } = unsafe { entry.cast::<Dynamic>().read() };
        match tag {
            DT_NULL => return false,
            DT_TEXTREL => return true,
            DT_FLAGS if value & DF_TEXTREL != 0 => return true,
            _ => entry = entry.wrapping_byte_add(size_of::<Dynamic>()),
        }
    }
}

fn release(info: &dl_phdr_info, header: &Elf64_Phdr) -> usize {
    // SAFETY: a question about the system.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let Some((start, length)) = place(info, header.p_vaddr).zip(header.p_memsz.try_into().ok())
    else {
        return 0;
    };
    let before = start.addr() % page;
    let length: usize = length;
    // SAFETY: nobody may write to these pages and the linker has not, so each that is dropped is read from the file again,
    // the same, when it is touched. The object stays mapped: objects are closed only by who holds the same lock.
    let result = unsafe {
        libc::madvise(
            start.wrapping_byte_sub(before),
            length + before,
            libc::MADV_DONTNEED,
        )
    };
    // The system's own object is no file and is refused.
    if result == 0 { length } else { 0 }
}

/// Where an address of the object's file lies in memory.
fn place(info: &dl_phdr_info, address: u64) -> Option<*mut c_void> {
    let address = info.dlpi_addr.checked_add(address)?;
    Some(std::ptr::with_exposed_provenance_mut(
        address.try_into().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resident_bytes_of_code() -> usize {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut is_code = false;
        let mut kilobytes = 0;
        for line in maps.lines() {
            if let Some(size) = line.strip_prefix("Rss:") {
                let size: usize = size.trim().trim_end_matches(" kB").parse().unwrap();
                kilobytes += if is_code { size } else { 0 };
            } else if line.contains(" r-xp ") {
                is_code = true;
            } else if line.contains("-p ") || line.contains("-s ") || line.contains(" rw") {
                is_code = false;
            }
        }
        kilobytes * 1024
    }

    #[test]
    fn code_that_was_given_back_runs_on_and_takes_less_memory() {
        let before = resident_bytes_of_code();
        assert!(release_code() > 1 << 20);
        assert!(resident_bytes_of_code() < before);
    }
}
