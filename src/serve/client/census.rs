//! How many connections each client has.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::household;

/// Counts connections by client. Asked when one opens and when it closes, and not for each
/// request, so that a lock is good enough.
#[derive(Debug)]
pub(in crate::serve) struct Census {
    /// 0 for no limit.
    limit: usize,
    present: Mutex<HashMap<IpAddr, usize>>,
}

impl Census {
    pub(in crate::serve) fn new(limit: usize) -> Self {
        Self {
            limit,
            present: Mutex::default(),
        }
    }

    /// A place for another connection of this client; `None` when it has as many as it may.
    pub(in crate::serve) fn enter(self: &Arc<Self>, client: IpAddr) -> Option<Place> {
        if self.limit == 0 {
            return Some(Place(None));
        }
        let client = household(client);
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        let count = present.entry(client).or_insert(0);
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(self), client))))
    }

    fn leave(&self, client: IpAddr) {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = present.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                present.remove(&client);
            }
        }
        // The room that a flood took is given back after it.
        if present.capacity() > 1024 && present.len() < present.capacity() / 8 {
            present.shrink_to(1024);
        }
    }
}

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub(in crate::serve) struct Place(Option<(Arc<Census>, IpAddr)>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((census, client)) = &self.0 {
            census.leave(*client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_so_many_places_and_its_whole_network_the_same() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let census = Arc::new(Census::new(2));
        let first = census.enter(at("2001:db8::1")).unwrap();
        let _second = census.enter(at("2001:db8::2")).unwrap();
        assert!(census.enter(at("2001:db8::3")).is_none());
        assert!(census.enter(at("2001:db8:0:1::3")).is_some());
        let _other = census.enter(at("192.0.2.1")).unwrap();
        drop(first);
        assert!(census.enter(at("2001:db8::3")).is_some());
        let unlimited = Arc::new(Census::new(0));
        let places: Vec<_> = (0..99).map(|_| unlimited.enter(at("::1"))).collect();
        assert!(places.iter().all(Option::is_some));
    }

    #[test]
    fn who_has_left_leaves_nothing_behind() {
        let census = Arc::new(Census::new(1));
        let places: Vec<_> = (0..100_000_u32)
            .map(|i| census.enter(IpAddr::V4(i.into())))
            .collect();
        assert_eq!(census.present.lock().unwrap().len(), 100_000);
        drop(places);
        let present = census.present.lock().unwrap();
        assert!(present.is_empty() && present.capacity() < 4096);
    }
}
