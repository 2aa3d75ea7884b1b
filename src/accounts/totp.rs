//! Codes of an authenticator app (RFC 6238): 20 random bytes, SHA-1, six digits, 30 seconds, which
//! is what all of them understand.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Algorithm, Builder, Totp};

use crate::error::{Error, Result};
use crate::time::{self, Time};

/// 160 bits, as RFC 4226 section 4 recommends.
pub const SECRET_BYTES: usize = 20;
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// How many steps early or late a code may be: clocks differ, and typing takes time.
const WINDOW: u16 = 1;
/// How far off a clock is looked for while the app is being set up.
const FAR_OFF: u16 = 10;
/// The quiet zone around a QR code (ISO/IEC 18004 section 5.3.8).
const MARGIN: i32 = 4;

/// The secret that app and server share. No `Debug`.
pub struct TotpSecret([u8; SECRET_BYTES]);

/// What a code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The code of this time step.
    Right(i64),
    /// The code of a moment so many seconds away: a clock is wrong. Negative: the app's is slow.
    OffBy(i64),
    /// No code of ours.
    Wrong,
}

impl TotpSecret {
    /// A new one from the system's random source.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// One from its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes, to be encrypted.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as one types it into an app (RFC 4648 base32).
    pub fn to_base32(&self) -> Result<String> {
        Ok(self.totp(0, "", "")?.secret().to_base32())
    }

    /// What the QR code says: `otpauth://totp/…`.
    pub fn uri(&self, issuer: &str, account: &str) -> Result<String> {
        // A colon parts the issuer from the account and cannot be in either.
        let issuer = issuer.replace(':', " ");
        let uri = self.totp(0, issuer.trim(), account)?.to_url().map_err(failed)?;
        // The defaults, said nevertheless: not every app has the same ones.
        Ok(format!("{uri}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"))
    }

    /// The step whose code this is, if it is one of now, the step before or the one after.
    pub fn step_of(&self, code: &str, now: Time) -> Result<Option<i64>> {
        let Some(code) = normal(code) else { return Ok(None) };
        let step = self.totp(WINDOW, "", "")?.check(&code, time::unix(now));
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// The same with a look at codes further away. Only for setting up: at a login it would tell
    /// who guesses how close the guess was.
    pub fn check_set_up(&self, code: &str, now: Time) -> Result<Check> {
        if let Some(step) = self.step_of(code, now)? {
            return Ok(Check::Right(step));
        }
        let Some(code) = normal(code) else { return Ok(Check::Wrong) };
        let Some(found) = self.totp(FAR_OFF, "", "")?.check(&code, time::unix(now)) else {
            return Ok(Check::Wrong);
        };
        let here = time::unix(now) / STEP_SECONDS;
        let steps = i64::try_from(found).unwrap_or(0) - i64::try_from(here).unwrap_or(0);
        Ok(Check::OffBy(steps * STEP_SECONDS.cast_signed()))
    }

    /// The code of a moment: what the app shows then.
    pub fn code_at(&self, moment: Time) -> Result<String> {
        Ok(self.totp(WINDOW, "", "")?.generate(time::unix(moment)).to_string())
    }

    fn totp(&self, window: u16, issuer: &str, account: &str) -> Result<Totp> {
        Builder::new()
            .with_secret(self.0.to_vec())
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_step_duration(STEP_SECONDS)
            .with_skew(window)
            .with_issuer((!issuer.is_empty()).then_some(issuer))
            .with_account_name(account)
            .build()
            .map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    let words = format!("{error}");
    Error::internal("computing a one-time password", words)
}

/// A code without the blanks that people and apps put in; `None` where it is not six digits.
fn normal(code: &str) -> Option<String> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
    let fits = code.len() == usize::from(DIGITS) && code.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(code)
}

/// A QR code as an SVG picture that stands in a page by itself, named by `title`.
pub fn qr_svg(text: &str, title: &str) -> Result<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|error| Error::internal("drawing a QR code", error.to_string()))?;
    let side = code.size() + 2 * MARGIN;
    let squares = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let mut path = String::new();
    for (x, y) in squares.filter(|(x, y)| code.get_module(*x, *y)) {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{},{}h1v1h-1z", x + MARGIN, y + MARGIN);
    }
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Black on white in dark pages too: many scanners take nothing else.
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><title>{title}</title>\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    fn at(seconds: i64) -> Time {
        time::from_unix(seconds)
    }

    #[test]
    fn codes_are_those_of_the_rfc() -> Result<()> {
        // RFC 6238 appendix B, the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code_at(at(seconds))?, code);
            assert_eq!(rfc().step_of(code, at(seconds))?, Some(seconds / 30));
        }
        Ok(())
    }

    #[test]
    fn a_code_may_be_one_step_early_or_late() -> Result<()> {
        let now = 1_800_000_000;
        for (off, expected) in [
            (0, Check::Right(now / 30)),
            (-30, Check::Right(now / 30 - 1)),
            (30, Check::Right(now / 30 + 1)),
            (-60, Check::OffBy(-60)),
            (60, Check::OffBy(60)),
            (-300, Check::OffBy(-300)),
            (330, Check::Wrong),
        ] {
            let code = rfc().code_at(at(now + off))?;
            assert_eq!(rfc().check_set_up(&code, at(now))?, expected, "{off}");
            let step = rfc().step_of(&code, at(now))?;
            assert_eq!(step.is_some(), matches!(expected, Check::Right(_)), "{off}");
        }
        Ok(())
    }

    #[test]
    fn blanks_in_a_code_do_not_matter_and_nothing_else_is_one() -> Result<()> {
        let now = at(59);
        for good in ["287082", " 287 082 ", "2\t8\u{a0}7082\n"] {
            assert_eq!(rfc().step_of(good, now)?, Some(1), "{good:?}");
        }
        for bad in ["", "28708", "2870820", "28708a", "287082\0", "２８７０８２", "-87082"] {
            assert_eq!(rfc().step_of(bad, now)?, None, "{bad:?}");
        }
        Ok(())
    }

    #[test]
    fn the_uri_says_what_apps_need() -> Result<()> {
        let uri = rfc().uri("Cheese: Shop & Co", "ada")?;
        let url = url::Url::parse(&uri).map_err(failed)?;
        assert_eq!((url.scheme(), url.host_str()), ("otpauth", Some("totp")));
        let pairs: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        let get = |key: &str| pairs.get(key).map(String::as_str);
        assert_eq!(get("secret"), Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        assert_eq!(get("issuer"), Some("Cheese  Shop & Co"));
        assert_eq!(url.query_pairs().count(), 5);
        assert_eq!(get("algorithm"), Some("SHA1"));
        assert_eq!(get("digits"), Some("6"));
        assert_eq!(get("period"), Some("30"));
        assert_eq!(rfc().to_base32()?, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        Ok(())
    }

    #[test]
    fn the_picture_is_one_svg_of_ours_alone() -> Result<()> {
        let svg = qr_svg("otpauth://totp/x", "<b>&")?;
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(svg.contains("<title>&lt;b&gt;&amp;</title>"));
        assert!(!svg.contains("href") && !svg.contains("style"));
        Ok(())
    }
}
