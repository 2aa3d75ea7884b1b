//! Up to when this process knows of every change: how old its pages may be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::db::news::Moment;

/// Longer than this is late: somebody looks more than twice a second.
const LATE: Duration = Duration::from_millis(1_500);

/// What is known of the journal, and when.
#[derive(Debug, Default)]
pub(super) struct Confirmed {
    /// When it was last known to its end.
    known: Moment,
    /// Whether it is asked for, and was not read yet.
    is_asked: AtomicBool,
    /// When somebody last looked whether it needs to be asked for, where somebody does.
    looked: OnceLock<Arc<Moment>>,
}

impl Confirmed {
    /// Nobody asks for it from now on but after such a look.
    pub(super) fn looked_at(&self, looked: Arc<Moment>) {
        let _ = self.looked.set(looked);
    }

    /// It is asked for, perhaps not for the first time since it was read.
    pub(super) fn begin(&self) {
        if !self.is_asked.load(Ordering::Relaxed) {
            self.known.note_ago(self.unknown_for());
            self.is_asked.store(true, Ordering::Relaxed);
        }
    }

    /// It was read to its end.
    pub(super) fn end(&self) {
        self.known.note();
        self.is_asked.store(false, Ordering::Relaxed);
    }

    /// For how long changes may have been missed; none while all is well.
    pub(super) fn age(&self) -> Option<Duration> {
        let age = self.unknown_for();
        (age > LATE).then_some(age)
    }

    fn unknown_for(&self) -> Duration {
        let known = self.known.age();
        match self.looked.get().filter(|_| !self.is_asked.load(Ordering::Relaxed)) {
            // What was written before that look would be asked for by now.
            Some(looked) => known.min(looked.age()),
            None => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn neither_a_question_without_answer_nor_a_missing_look_is_hidden() {
        let confirmed = Confirmed::default();
        let looked = Arc::new(Moment::default());
        confirmed.known.note_ago(LONG);
        assert!(confirmed.age() >= Some(LONG), "nobody asks, and nobody looks");
        confirmed.looked_at(looked.clone());
        assert_eq!(confirmed.age(), None, "nobody has to ask");
        looked.note_ago(LONG);
        assert!(confirmed.age() >= Some(LONG), "nobody looks any more");
        looked.note();
        confirmed.begin();
        assert_eq!(confirmed.age(), None, "asked a moment ago");
        confirmed.known.note_ago(LONG);
        confirmed.begin();
        assert!(confirmed.age() >= Some(LONG), "there is no answer, however often it is asked");
        confirmed.end();
        assert_eq!(confirmed.age(), None);
    }
}
