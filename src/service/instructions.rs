use super::Dcv;
use crate::challenge::Challenge;
use crate::instructions::Instructions;

impl Dcv {
    /// What the user has to do for a challenge, with what is set up here: who asks, by the
    /// provider's name, the suffix list in force, how long a proof counts, and how the challenge
    /// stands [now](Challenge::state_at).
    ///
    /// Say more where more is known: [`for_service`](Instructions::for_service) takes a name that
    /// people know the service by, [`in_zone`](Instructions::in_zone) what a check has seen.
    #[must_use]
    pub fn instructions(&self, challenge: &Challenge) -> Instructions {
        let now = self.now();
        Instructions::of(&challenge.clone().told_at(now))
            .told_at(now)
            .for_service(self.inner.naming.provider())
            .with_guard(&self.inner.suffixes.current())
            .with_timing(self.timing())
    }
}
