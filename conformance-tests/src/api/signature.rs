// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signatures of webhooks, by the guide and by Standard Webhooks.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What is wrong with a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is not `whsec_` and base64.
    #[error("expected a secret of the form whsec_ and base64")]
    Form,
    /// The key cannot be used.
    #[error("the secret cannot be a key")]
    Key,
}

fn code(key: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>, SecretError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| SecretError::Key)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().to_vec())
}

/// The guide's `X-CheckReal-Signature`: hex HMAC-SHA256 of the body under the secret's text.
///
/// # Errors
/// When the secret cannot be a key.
pub fn guide(secret: &str, body: &[u8]) -> Result<String, SecretError> {
    let code = code(secret.as_bytes(), &[body])?;
    Ok(code.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One signature of Standard Webhooks: `v1,` and base64.
///
/// # Errors
/// When the secret is not `whsec_` and base64.
pub fn standard(secret: &str, id: &str, at: &str, body: &[u8]) -> Result<String, SecretError> {
    let coded = secret.strip_prefix("whsec_").ok_or(SecretError::Form)?;
    let key = BASE64_STANDARD.decode(coded).map_err(|_| SecretError::Form)?;
    let code = code(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body])?;
    Ok(format!("v1,{}", BASE64_STANDARD.encode(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_known_vectors() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(guide("Jefe", b"what do ya want for nothing?").unwrap(), expected);
        // The example of the Standard Webhooks reference libraries.
        let found = standard(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(found.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(standard("plain", "a", "1", b"").is_err());
    }
}
