// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files that parameters name: read once, within a bound, and remembered by their SHA-256, so that a report
//! says by which of them it was made.

use std::fs::File;
use std::io::Read;

use sha2::{Digest, Sha256};

/// Attribute and digest of each file that was read, hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedFiles(Vec<(&'static str, String)>);

impl NamedFiles {
    /// The text of the file at `path`, of at most `most` bytes; `attribute` is the name under which reports
    /// carry its digest.
    ///
    /// # Errors
    /// The file cannot be read, is too long or is no UTF-8.
    pub(crate) fn read(
        &mut self,
        attribute: &'static str,
        path: &str,
        most: u64,
    ) -> Result<String, String> {
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| error.to_string())?;
        // One byte more than allowed tells a longer file, whatever its length is said to be.
        file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > most {
            return Err(format!("more than {most} bytes, which is all that is read"));
        }
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        self.0.push((attribute, digest));
        Ok(text)
    }

    /// Attribute and digest of each file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(attribute, digest)| (*attribute, digest.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_digest_and_one_byte_too_many_is_refused() {
        let path = std::env::temp_dir().join(format!("assay-named-{}", std::process::id()));
        std::fs::write(&path, "abc").unwrap();
        let mut files = NamedFiles::default();
        let path_text = path.to_str().unwrap();
        assert_eq!(files.read("a_sha256", path_text, 3).as_deref(), Ok("abc"));
        assert!(files.read("b_sha256", path_text, 2).unwrap_err().contains("more than 2 bytes"));
        std::fs::remove_file(&path).unwrap();
        // FIPS 180-4, the digest of "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(files.iter().collect::<Vec<_>>(), [("a_sha256", expected)]);
        assert!(files.read("c_sha256", "/nowhere/file", 9).is_err());
    }
}
