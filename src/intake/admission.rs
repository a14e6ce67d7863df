//! Takes what a source reads into the store: cleaned, named, dated.

use std::sync::Arc;

use super::{Candidate, Cleaned, Intake, Memo, memo::Became};
use crate::{
    article::{
        AbsoluteUrl, Adopted, Article, ArticleId, Axis, Dates, Moment, Piece, Timestamp, slug,
    },
    config::{IdScheme, Site},
    dates::{
        Declared, Event, Fingerprint, Ignored, Memory, Rule, Sighting, Trust, Verdict, What, judge,
    },
    source::{Locator, Rejection, RejectionKind, Remark, Stamp},
    store::{Entry, Label, Likeness, Placed, Record, Spot, StoreError, Taken, Transaction},
};

/// By what rules readings are taken in.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// What articles are called, and by what address they are known.
    pub site: &'a Site,
    /// When it is.
    pub now: Timestamp,
    /// Whom to believe.
    pub trust: Trust,
}

/// Takes readings in, one by one.
pub struct Admission<'a> {
    site: &'a Site,
    transaction: &'a mut dyn Transaction,
    now: Timestamp,
    trust: Trust,
    /// What became of each file when it was last read, and what becomes of it now.
    before: Arc<Memo>,
    memo: Memo,
    /// Articles that the origin names, at another address than before. They are placed last:
    /// an article that is still where it was comes before a copy that has its name.
    elsewhere: Vec<Candidate>,
    intake: Intake,
}

/// How many articles may wait in memory until the others are placed.
const WAITING: usize = 10_000;

/// An article that is about to be dated and put.
struct Arrival {
    id: ArticleId,
    origin_id: Option<String>,
    handle: String,
    body_known: bool,
    piece: Piece,
    fingerprint: Fingerprint,
    words: Option<Fingerprint>,
    declared: Declared,
    git: Option<Timestamp>,
}

impl<'a> Admission<'a> {
    /// Begins with nothing taken in. `before` is what the store holds already of files that
    /// have not changed.
    #[must_use]
    pub fn new(rules: Rules<'a>, transaction: &'a mut dyn Transaction, before: Arc<Memo>) -> Self {
        Self {
            site: rules.site,
            transaction,
            now: rules.now,
            trust: rules.trust,
            before,
            memo: Memo::default(),
            elsewhere: Vec::new(),
            intake: Intake::default(),
        }
    }

    /// Takes one thing in. Of two articles with one id or one address the first stays and
    /// the other is rejected.
    ///
    /// # Errors
    /// [`StoreError`] when the store fails; a bad article is counted, not returned.
    pub fn admit(&mut self, cleaned: Cleaned) -> Result<(), StoreError> {
        let (candidate, stamp) = match cleaned {
            Cleaned::Same(place) => return self.keep(place),
            Cleaned::Read {
                candidate, stamp, ..
            } => (candidate, stamp),
            Cleaned::Remark(remark) => {
                self.intake.remarks.push(remark);
                return Ok(());
            }
            // What a whole reading does not show is swept in the end.
            Cleaned::Gone(_) | Cleaned::Alive => return Ok(()),
        };
        let became = match candidate {
            Ok(Some(candidate)) => self.receive(*candidate)?,
            Ok(None) => {
                self.intake.drafts += 1;
                Some(Became::Draft)
            }
            Err(rejection) => {
                self.intake.rejected.push(rejection.clone());
                Some(Became::Rejected(rejection))
            }
        };
        if let (Some(stamp), Some(became)) = (stamp, became) {
            self.memo.note(stamp, Arc::new(became));
        }
        Ok(())
    }

    /// Takes in what has not changed since it was read: the store holds it already, and only
    /// its claim is made anew.
    fn keep(&mut self, place: String) -> Result<(), StoreError> {
        let Some((mark, became)) = self.before.get(&place) else {
            return Err(StoreError::Corrupt(format!("{place} was never read")));
        };
        match &*became {
            Became::Draft => self.intake.drafts += 1,
            Became::Rejected(rejection) => self.intake.rejected.push(rejection.clone()),
            Became::Article {
                id,
                url,
                replaced,
                remark,
            } => {
                let spot = Spot {
                    place: place.clone(),
                    line: None,
                };
                if let Some(taken) = self.transaction.claim(id, url, &spot)? {
                    let rejection = Rejection {
                        locator: Locator::file(place),
                        kind: RejectionKind::Duplicate,
                        reason: duplicate(id, url, taken),
                    };
                    self.intake.rejected.push(rejection);
                    return Ok(());
                }
                self.intake.articles += 1;
                self.intake.replaced += replaced;
                self.intake.remarks.extend(remark.clone());
            }
        }
        self.memo.note(Stamp { place, mark }, became);
        Ok(())
    }

    /// What has been taken in, when the origin has been read to its end. An article that
    /// seemed new and is an old one at another address becomes that one: only now is it
    /// known which ones are no longer where they were.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn finish(mut self) -> Result<(Intake, Memo), StoreError> {
        for candidate in std::mem::take(&mut self.elsewhere) {
            let known = self.find(&candidate)?;
            self.place(candidate, known)?;
        }
        self.reunite(Likeness::Handle)?;
        // A rejected article is not where it was either, and its copy is not it.
        if self.intake.rejected.is_empty() {
            self.reunite(Likeness::Words)?;
        }
        Ok((self.intake, self.memo))
    }

    fn reunite(&mut self, likeness: Likeness) -> Result<(), StoreError> {
        for (seeming, record) in self.transaction.strays(likeness)? {
            let Placed {
                article,
                handle,
                origin_id,
                declared,
                spot,
            } = self.transaction.retract(&seeming)?;
            self.intake.uncount_new(&article);
            let id = record.id.clone();
            self.transaction.claim(&id, &article.piece.url, &spot)?;
            self.memo.forget(&spot.place);
            let (fingerprint, words) = Fingerprint::both(&article.piece);
            let arrival = Arrival {
                id,
                origin_id,
                handle,
                body_known: article.piece.content.is_some(),
                piece: article.piece,
                fingerprint,
                words,
                declared,
                git: None,
            };
            self.settle(arrival, Some(&record), &spot)?;
        }
        Ok(())
    }

    fn find(&self, candidate: &Candidate) -> Result<Option<Record>, StoreError> {
        let url = &candidate.piece.url;
        self.transaction.find(candidate.origin_id.as_deref(), url)
    }

    /// Places a candidate at once, or keeps it until the others are placed.
    fn receive(&mut self, candidate: Candidate) -> Result<Option<Became>, StoreError> {
        let known = self.find(&candidate)?;
        let is_elsewhere = known
            .as_ref()
            .is_some_and(|record| record.url != candidate.piece.url);
        if is_elsewhere && self.elsewhere.len() < WAITING {
            self.elsewhere.push(candidate);
            return Ok(None);
        }
        self.place(candidate, known)
    }

    /// Gives a candidate its id and its dates, and puts it into the store. Says what became
    /// of it, unless a second reading might give something else.
    fn place(
        &mut self,
        candidate: Candidate,
        known: Option<Record>,
    ) -> Result<Option<Became>, StoreError> {
        let (id, known) = match self.name(&candidate, known)? {
            Ok(named) => named,
            Err((kind, reason)) => {
                let rejection = Rejection {
                    locator: candidate.locator,
                    kind,
                    reason,
                };
                self.intake.rejected.push(rejection);
                return Ok(None);
            }
        };
        let Candidate {
            locator,
            origin_id,
            handle,
            body_known,
            piece,
            fingerprint,
            words,
            declared,
            git,
            replaced,
        } = candidate;
        self.intake.replaced += replaced;
        let arrival = Arrival {
            id,
            origin_id,
            handle,
            body_known,
            piece,
            fingerprint,
            words,
            declared,
            git,
        };
        let (id, url) = (arrival.id.clone(), arrival.piece.url.clone());
        let (dates, ignored) = self.settle(arrival, known.as_ref(), &spot(&locator))?;
        let remark = declared
            .updated
            .zip(ignored)
            .map(|(updated, ignored)| Remark {
                locator,
                text: remark(updated, ignored),
            });
        self.intake.remarks.extend(remark.clone());
        let now = Moment::at(self.now);
        let is_past = |moment: Option<Moment>| moment.is_none_or(|moment| moment <= now);
        let is_settled =
            is_past(declared.published) && is_past(declared.updated) && is_past(dates.modified);
        // What lies ahead is judged otherwise once it has come.
        Ok(is_settled.then_some(Became::Article {
            id,
            url,
            replaced,
            remark,
        }))
    }

    /// The candidate's id for good, and its record: the id it has had, or one made at first
    /// sight that no article has or had. Refused if it, or the address, belongs to an article
    /// that came before it.
    fn name(
        &mut self,
        candidate: &Candidate,
        known: Option<Record>,
    ) -> Result<Result<(ArticleId, Option<Record>), Refusal>, StoreError> {
        let url = &candidate.piece.url;
        let published = candidate.declared.published.map(Moment::instant);
        let (id, known) = match (known, &candidate.origin_id) {
            (Some(record), _) => (record.id.clone(), Some(record)),
            (None, None) => (self.free_id(url, published)?, None),
            (None, Some(name)) => match ArticleId::from_name(name, url, published) {
                // The origin may know by now what the article was called here all along.
                Ok(id) => {
                    let known = self.transaction.find_id(&id)?;
                    (id, known)
                }
                Err(error) => return Ok(Err((RejectionKind::Value, error.to_string()))),
            },
        };
        let reason = match self
            .transaction
            .claim(&id, url, &spot(&candidate.locator))?
        {
            None => return Ok(Ok((id, known))),
            Some(taken) => duplicate(&id, url, taken),
        };
        Ok(Err((RejectionKind::Duplicate, reason)))
    }

    /// An id for an article that has no name but its address. An article that was there before
    /// and moved on keeps the id made of this address, so that another is needed.
    fn free_id(
        &self,
        url: &AbsoluteUrl,
        published: Option<Timestamp>,
    ) -> Result<ArticleId, StoreError> {
        let first = match self.site.ids {
            IdScheme::Tag => ArticleId::from_url(url, published),
            IdScheme::Url => ArticleId::from_url(url, None),
        };
        let mut id = first.clone();
        let mut number = 1;
        while self.transaction.find_id(&id)?.is_some() {
            number += 1;
            id = first.numbered(number);
        }
        Ok(id)
    }

    /// Dates an article, given its record if it was seen before, and puts it. Returns its
    /// dates, and why the origin's date of change was not listened to, if it was not.
    fn settle(
        &mut self,
        arrival: Arrival,
        known: Option<&Record>,
        spot: &Spot,
    ) -> Result<(Dates, Option<Ignored>), StoreError> {
        let Arrival {
            id,
            origin_id,
            handle,
            body_known,
            piece,
            fingerprint,
            words,
            mut declared,
            git,
        } = arrival;
        let (adopted, fresh) = self.adopted(&id, known, &piece)?;
        declared.published = declared.published.or(adopted.published);
        let sighting = Sighting {
            declared,
            fingerprint,
            body_known,
            git: git.map(Moment::at),
            adopted: adopted.modified.filter(|_| known.is_none() || fresh),
        };
        let memory = known
            .map(|record| self.memory(record, declared))
            .transpose()?;
        let Verdict {
            dates,
            rule,
            ignored,
        } = judge(memory.as_ref(), &sighting, self.now, self.trust);
        let labels = labels(&piece);
        let article = Article {
            id,
            piece,
            dates,
            adopted,
        };
        self.intake.count(known, &article, rule, spot, self.now);
        self.transaction.put(&Entry {
            article: &article,
            origin_id: origin_id.as_deref(),
            handle: &handle,
            place: &spot.place,
            declared,
            fingerprint,
            words,
            labels: &labels,
        })?;
        self.note(known, &article, declared, rule)?;
        Ok((article.dates, ignored))
    }

    /// What the judge is to know of an article. One whose publication was moved ahead, and
    /// now is moved again, has what was decided last before that: it may have been public.
    fn memory(&self, record: &Record, declared: Declared) -> Result<Memory, StoreError> {
        let mut memory = record.memory.clone();
        let is_ahead = |moment: &Moment| moment.instant() > self.now;
        if memory.dates.published.as_ref().is_some_and(is_ahead)
            && memory.dates.published != declared.published
        {
            let events = self.transaction.events(&record.id)?;
            let last = events.iter().rev().find_map(|event| {
                let decided = event.decided.filter(|decided| !is_ahead(decided))?;
                Some((decided, event.what.evidence()?))
            });
            if let Some((decided, evidence)) = last {
                memory.dates = Dates {
                    published: declared.published,
                    modified: Some(decided),
                    evidence,
                };
            }
        }
        Ok(memory)
    }

    /// What was known of an article before Dateline served it, and whether the operator has
    /// said so since the last refresh.
    fn adopted(
        &mut self,
        id: &ArticleId,
        known: Option<&Record>,
        piece: &Piece,
    ) -> Result<(Adopted, bool), StoreError> {
        let mut adopted = known
            .map(|record| record.adopted.clone())
            .unwrap_or_default();
        let key = self.site.address_key(&piece.url);
        let Some((said, fresh)) = self.transaction.take_adopted(&key, id)? else {
            return Ok((adopted, false));
        };
        if known.is_none() || fresh {
            adopted.add(said);
        }
        Ok((adopted, fresh))
    }

    fn note(
        &mut self,
        known: Option<&Record>,
        article: &Article,
        declared: Declared,
        rule: Rule,
    ) -> Result<(), StoreError> {
        let is_known = |holds: fn(&Record, &Article) -> bool| {
            known.is_some_and(|record| holds(record, article))
        };
        let republished =
            is_known(|record, article| record.memory.dates.published != article.dates.published);
        let happened = [
            is_known(|record, _| record.removed).then_some(What::Returned),
            is_known(|record, article| record.url != article.piece.url).then_some(What::Moved),
            republished.then_some(What::Republished),
            What::of(rule),
        ];
        for what in happened.into_iter().flatten() {
            let event = Event {
                at: self.now,
                what,
                declared,
                decided: article.dates.modified,
            };
            self.transaction.note(&article.id, &event)?;
        }
        Ok(())
    }
}

/// Where an article stands, as the store keeps it: the line may be another each time.
fn spot(locator: &Locator) -> Spot {
    let whole = Locator {
        line: None,
        ..locator.clone()
    };
    Spot {
        place: whole.to_string(),
        line: locator.line,
    }
}

/// Why an article cannot be taken in.
type Refusal = (RejectionKind, String);

fn duplicate(id: &ArticleId, url: &AbsoluteUrl, taken: Taken) -> String {
    match taken {
        Taken::Id(first) => format!("its id {id} is taken by the article at {first}"),
        Taken::Url(first) => format!("its address {url} is taken by the article at {first}"),
    }
}

fn remark(updated: Moment, ignored: Ignored) -> String {
    let why = match ignored {
        Ignored::Future => "lies in the future",
        Ignored::BeforePublication => "lies before its publication",
    };
    format!("its date of change {} {why} and is not used", updated.w3c())
}

/// Every value of every axis, for the feeds that are made per value.
fn labels(piece: &Piece) -> Vec<Label> {
    Axis::ALL
        .into_iter()
        .flat_map(|axis| {
            axis.values(piece).into_iter().map(move |value| Label {
                axis,
                slug: slug(value),
                value: value.to_owned(),
            })
        })
        .collect()
}
