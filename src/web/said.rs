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
    AccountDisabled, "account-disabled", "The account is disabled.";
    AccountEnabled, "account-enabled", "The account works again.";
    AddressVerifiedByOrder, "address-verified-by-order", "The address counts as verified now.";
    PasswordTaken, "password-taken", "The password opens nothing any more. A link to choose a new one is mailed.";
    FactorReset, "factor-reset", "The account has no second factor any more.";
    AdministratorMade, "administrator-made", "The account has the rights of an administrator.";
    AdministratorUnmade, "administrator-unmade", "The account is no administrator's any more.";
    SessionsEnded, "sessions-ended", "The sessions are ended.";
    Quarantined, "quarantined", "The project is quarantined: nothing of it is offered.";
    Released, "released", "The project is released from its quarantine.";
    LimitsSet, "limits-set", "The limits are set.";
    RoleSet, "role-set", "The role is given.";
    NameProhibited, "name-prohibited", "No new project can have this name.";
    NamePermitted, "name-permitted", "New projects may have this name again.";
    PrefixReserved, "prefix-reserved", "The prefix is reserved.";
    PrefixFreed, "prefix-freed", "The prefix is free for everybody again.";
    MirrorQuarantined, "mirror-quarantined", "It is quarantined: nobody gets it from here any more.";
    MirrorAllowed, "mirror-allowed", "It is served although it is young.";
    MirrorLifted, "mirror-lifted", "The rule does not hold any more.";
    ProjectGone, "project-gone", "The project is deleted with all its files.";
    JobBegun, "job-begun", "The job has begun.";
    MailsRetried, "mails-retried", "The mails are tried again now.";
    ReadOnlyOn, "read-only-on", "The index is read-only now.";
    ReadOnlyOff, "read-only-off", "The index takes changes again.";
    BannerSet, "banner-set", "The banner is set.";
    BannerTaken, "banner-taken", "The banner is gone.";
    NothingChanged, "nothing-changed", "That was so already; nothing was changed.";
    PasswordReset, "password-reset", "Your password is changed. Log in with the new one.";
    ProfileSaved, "profile-saved", "Your profile is saved.";
    AddressAdded, "address-added", "The address is added. Open the link in the mail that was sent to it.";
    MailSent, "mail-sent", "A mail with a new link is on its way; links of earlier mails have ended.";
    AddressRemoved, "address-removed", "The address is removed.";
    PrimaryChanged, "primary-changed", "Mails go to your new primary address from now on.";
    PasswordChanged, "password-changed", "Your password is changed. All your other sessions have ended.";
    CodesConfirmed, "codes-confirmed", "You have kept your recovery codes. That one is used up now.";
    FactorOn, "factor-on", "The second factor is on. The next login asks for a code of your app.";
    FactorOff, "factor-off", "The second factor is off. The password alone opens your account now.";
    DeviceForgotten, "device-forgotten", "It is forgotten: a login there asks for a code again.";
    SessionEnded, "session-ended", "The session is ended.";
    OthersEnded, "others-ended", "All your other sessions are ended.";
    TokenRevoked, "token-revoked", "The token is revoked; nothing gets in by it any more.";
    InvitationRevoked, "invitation-revoked", "The invitation is taken back.";
    RoleAccepted, "role-accepted", "The project is among yours now.";
    RoleDeclined, "role-declined", "The invitation is declined.";
    RoleInvited, "role-invited", "The invitation is mailed. It waits for an answer for 7 days.";
    RoleRevoked, "role-revoked", "The invitation is taken back.";
    RoleChanged, "role-changed", "The role is changed.";
    RoleRemoved, "role-removed", "The role is taken away.";
    Left, "left", "You have left the project.";
    Yanked, "yanked", "It is yanked: installers take it only where exactly this version is asked for.";
    Unyanked, "unyanked", "It is yanked no more: installers take it again.";
    FileDeleted, "file-deleted", "The file is deleted.";
    ReleaseDeleted, "release-deleted", "The release is deleted with all its files.";
    ProjectDeleted, "project-deleted", "The project is deleted. Its name stays with its last owners.";
    Archived, "archived", "The project is archived: it can be installed, and takes no uploads.";
    Deprecated, "deprecated", "The project is deprecated.";
    ActiveAgain, "active-again", "The project is active again.";
    SweepBegun, "sweep-begun", "The sweep has begun. What it finds is shown here as it comes.";
    ServiceMade, "service-made", "The service account is made.";
}
