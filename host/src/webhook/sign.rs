// SPDX-License-Identifier: MIT OR Apache-2.0
//! How receivers know that a message is ours.
//!
//! The guide's `X-CheckReal-Signature` is the hexadecimal HMAC-SHA256 of the body under the text of the
//! secret. Beside it stands the `webhook-signature` of Standard Webhooks 1.0: the base64 HMAC-SHA256 of
//! `id.timestamp.body` under the bytes that follow `whsec_` in base64.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Start of a secret's text.
const PREFIX: &str = "whsec_";

/// The guide's signature of a body.
#[must_use]
pub fn guide_signature(secret: &str, body: &[u8]) -> String {
    hmac(secret.as_bytes(), &[body]).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One signature of Standard Webhooks; `timestamp` is the attempt's, Unix seconds.
#[must_use]
pub fn standard_signature(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let coded = secret.strip_prefix(PREFIX).unwrap_or(secret);
    // A secret that is not ours signs by its text.
    let key = BASE64_STANDARD.decode(coded).unwrap_or_else(|_| secret.as_bytes().to_vec());
    let head = format!("{id}.{timestamp}.");
    format!("v1,{}", BASE64_STANDARD.encode(hmac(&key, &[head.as_bytes(), body])))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length: RFC 2104, section 2.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn guide_signature_is_hmac_sha256_in_hexadecimal() {
        assert_eq!(
            guide_signature("Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn standard_signature_is_that_of_the_reference_libraries() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            standard_signature(secret, id, 1_614_265_330, br#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
