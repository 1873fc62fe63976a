// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts of requests that look like what they are not.

use assay::view::RequestId;

#[test]
fn a_name_of_a_request_has_digits_and_no_signs() {
    let name = "req_0123456789abcdef01234567";
    assert_eq!(RequestId::parse(name).unwrap().to_string(), name);
    for text in [
        "req_+1+3+5+7+9+b+d+f+1+3+5+7",
        "req_0123456789abcdef0123456",
        "req_é123456789abcdef0123456",
    ] {
        assert_eq!(RequestId::parse(text), None, "{text}");
    }
}
