//! The word of the shop's own site on who a visitor is: its customer's id, signed with a shared secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Whether `signature` is the hexadecimal HMAC-SHA256 of `customer` under the secret. Compared in constant time.
pub(super) fn is_signed(secret: &[u8], customer: &str, signature: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    mac.update(customer.as_bytes());
    hex::decode(signature).is_ok_and(|given| mac.verify_slice(&given).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signature_of_this_customer_under_this_secret_is_one() {
        // printf c-77 | openssl dgst -sha256 -hmac secret
        let signature = "fe05d71755fdcd1354273e0dc84f187da5acc5fb53105b1bdd99f31a30196272";
        assert!(is_signed(b"secret", "c-77", signature));
        assert!(!is_signed(b"secret", "c-78", signature));
        assert!(!is_signed(b"other", "c-77", signature));
        assert!(!is_signed(b"secret", "c-77", ""));
    }
}
