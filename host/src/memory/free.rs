// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory that is free and not given back. The C library keeps for each thread what requests leave behind: a large
//! piece freed under one that lives on stays with the process, and a server that answers for days holds several
//! times what it uses. So it is told now and then to return whole pages that are free [malloc_trim(3)].

/// Has the allocator return free pages to the system; what is used next takes a fault a page again. Other allocators
/// than the GNU C library's do so by themselves.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: walks the allocator's own lists under its own locks; no memory in use is touched.
    unsafe {
        libc::malloc_trim(0);
    }
}
