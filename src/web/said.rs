//! What an action has to say on the page that follows it. Only sentences of ours: a cookie carries
//! which one.

macro_rules! sentences {
    ($($name:ident, $code:literal, $words:literal;)+) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Said { $($name,)+ }

        impl Said {
            /// The word for it in the cookie.
            pub(super) fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The sentence.
            pub(super) fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }

            /// Reads that word.
            pub(super) fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

sentences! {
    Registered, "registered", "Your account is made. Log in, and open the link in the mail that was sent to your address.";
    AddressVerified, "address-verified", "The address is verified.";
    ResetAsked, "reset-asked", "If there is such an account, a mail is on its way to its address. Its link works for six hours.";
    LoggedOut, "logged-out", "You are logged out.";
    PasswordReset, "password-reset", "Your password is changed. Log in with the new one.";
}
