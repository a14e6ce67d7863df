//! Reads an origin within bounds of time, on a thread of its own: a file on a mount that
//! hangs cannot be given up by the thread that reads it.

use std::{
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{Progress, slack::give_back};
use crate::{
    intake::{Cleaned, Cleaner, Memo},
    source::{Bookmark, Glance, News, Source, SourceError},
};

/// How many articles are handed over at once: to wake the other thread for each would take as
/// long as to clean one.
const BATCH: usize = 64;
/// Unless the origin is slow: then each is handed over as it comes.
const SLOW: Duration = Duration::from_millis(50);
/// How many batches may be read ahead of the one that is being cleaned.
const AHEAD: usize = 8;

/// Reads one origin, again and again, and cleans what it gives.
pub(super) struct Reader {
    source: Arc<dyn Source>,
    cleaner: Arc<Cleaner>,
    /// For how long the origin may be silent.
    patience: Duration,
    /// For whoever wants to watch.
    progress: Arc<Progress>,
    /// A read that was given up and has not come back.
    hanging: Option<JoinHandle<()>>,
}

enum Found {
    Some(Vec<Cleaned>),
    End(Result<Option<Bookmark>, SourceError>),
}

impl Reader {
    pub(super) const fn new(
        source: Arc<dyn Source>,
        cleaner: Arc<Cleaner>,
        patience: Duration,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            source,
            cleaner,
            patience,
            progress,
            hanging: None,
        }
    }

    /// What the origin is called in messages.
    pub(super) fn name(&self) -> &str {
        self.source.name()
    }

    /// How far reading has come.
    pub(super) const fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// How the origin looks now.
    pub(super) fn glance(&self) -> Glance {
        self.source.glance()
    }

    /// Reads what `memo` does not know, as [`Source::read_news`] does, and hands each article,
    /// cleaned, to `each` on the caller's thread.
    ///
    /// # Errors
    /// [`SourceError`], also when the origin is silent for longer than it may be.
    pub(super) fn read(
        &mut self,
        memo: &Arc<Memo>,
        each: &mut dyn FnMut(Cleaned),
    ) -> Result<Option<Bookmark>, SourceError> {
        let memo = Arc::clone(memo);
        self.run(each, move |source, each| {
            source.read_news(&|place, mark| memo.knows(place, mark), each)
        })
    }

    /// Reads what has changed since `bookmark`, as [`Source::read_changes`] does, in the same
    /// way.
    ///
    /// # Errors
    /// [`SourceError`], as for `read`.
    pub(super) fn read_changes(
        &mut self,
        bookmark: Bookmark,
        each: &mut dyn FnMut(Cleaned),
    ) -> Result<Option<Bookmark>, SourceError> {
        self.run(each, move |source, each| {
            source.read_changes(&bookmark, each)
        })
    }

    fn run(
        &mut self,
        each: &mut dyn FnMut(Cleaned),
        reading: impl FnOnce(&dyn Source, &mut dyn FnMut(News)) -> Result<Option<Bookmark>, SourceError>
        + Send
        + 'static,
    ) -> Result<Option<Bookmark>, SourceError> {
        if self
            .hanging
            .as_ref()
            .is_some_and(|read| !read.is_finished())
        {
            let name = self.source.name();
            return Err(SourceError(format!("{name} still does not answer")));
        }
        let (give, take) = sync_channel(AHEAD);
        let source = Arc::clone(&self.source);
        let (cleaner, progress) = (Arc::clone(&self.cleaner), Arc::clone(&self.progress));
        let clean = move |news: News| {
            progress.add(&news);
            cleaner.prepare(news)
        };
        let thread = std::thread::Builder::new()
            .name("read".to_owned())
            .spawn(move || {
                hand_over(&give, clean, |each| reading(&*source, each));
                give_back();
            })
            .map_err(|error| SourceError(format!("no thread to read with: {error}")))?;
        loop {
            match take.recv_timeout(self.patience) {
                Ok(Found::Some(batch)) => {
                    batch.into_iter().for_each(&mut *each);
                }
                Ok(Found::End(result)) => return result,
                Err(RecvTimeoutError::Timeout) => {
                    self.hanging = Some(thread);
                    let (name, seconds) = (self.source.name(), self.patience.as_secs());
                    return Err(SourceError(format!(
                        "{name} gave nothing for {seconds} seconds; is it on a mount that hangs?"
                    )));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let name = self.source.name();
                    return Err(SourceError(format!("the read of {name} broke off")));
                }
            }
        }
    }
}

/// Hands over what is read, cleaned, in batches: while this thread reads and cleans, the other
/// one writes. Where nobody listens any more, there is no way to end
/// the read but to let it run out.
fn hand_over(
    give: &SyncSender<Found>,
    clean: impl Fn(News) -> Cleaned,
    reading: impl FnOnce(&mut dyn FnMut(News)) -> Result<Option<Bookmark>, SourceError>,
) {
    let (mut batch, mut last) = (Vec::with_capacity(BATCH), None::<Instant>);
    let result = reading(&mut |news| {
        batch.push(clean(news));
        if batch.len() >= BATCH || last.is_none_or(|last| last.elapsed() >= SLOW) {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            let _ = give.send(Found::Some(full));
            last = Some(Instant::now());
        }
    });
    let _ = give.send(Found::Some(batch));
    let _ = give.send(Found::End(result));
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Mutex};

    use super::*;
    use crate::{
        config,
        source::{Draft, Folder, Reading},
    };

    /// An origin of three articles that waits, or breaks, after the first.
    struct Slow {
        wait: Mutex<Option<std::sync::mpsc::Receiver<()>>>,
        breaks: bool,
    }

    impl Source for Slow {
        fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
            for i in 0..3 {
                each(Reading::Draft(Box::<Draft>::default()));
                assert!(!self.breaks, "a fault in the program");
                if i == 0
                    && let Some(wait) = self.wait.lock().unwrap().take()
                {
                    let _ = wait.recv();
                }
            }
            Ok(())
        }

        fn name(&self) -> &str {
            "articles.toml"
        }

        fn glance(&self) -> Glance {
            Glance::default()
        }

        fn folders(&self) -> Vec<Folder> {
            Vec::new()
        }
    }

    fn reader(source: Slow, patience: Duration) -> Reader {
        let text = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\
                    [source.file]\npath = \"a.json\"\n";
        let config = config::parse(Path::new("feeds.toml"), text).unwrap();
        let cleaner = Arc::new(Cleaner::new(config.site, None));
        Reader::new(Arc::new(source), cleaner, patience, Arc::default())
    }

    #[test]
    fn an_origin_that_hangs_is_given_up_and_asked_again_once_it_is_back() {
        let (release, wait) = std::sync::mpsc::channel();
        let slow = Slow {
            wait: Mutex::new(Some(wait)),
            breaks: false,
        };
        let mut reader = reader(slow, Duration::from_millis(300));
        let mut read = 0;
        let error = reader
            .read(&Arc::default(), &mut |_| read += 1)
            .unwrap_err();
        assert_eq!(read, 1);
        assert!(
            error.0.starts_with("articles.toml gave nothing for"),
            "{error}"
        );
        let error = reader.read(&Arc::default(), &mut |_| {}).unwrap_err();
        assert_eq!(error.0, "articles.toml still does not answer");
        release.send(()).unwrap();
        while reader
            .hanging
            .as_ref()
            .is_some_and(|read| !read.is_finished())
        {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut read = 0;
        reader.progress.begin(3);
        reader.read(&Arc::default(), &mut |_| read += 1).unwrap();
        assert_eq!((read, reader.progress.articles()), (3, 3));
    }

    #[test]
    fn a_fault_in_the_program_is_an_error_and_not_the_end() {
        let slow = Slow {
            wait: Mutex::default(),
            breaks: true,
        };
        let mut reader = reader(slow, Duration::from_secs(60));
        let error = reader.read(&Arc::default(), &mut |_| {}).unwrap_err();
        assert_eq!(error.0, "the read of articles.toml broke off");
    }
}
