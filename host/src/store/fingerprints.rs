// SPDX-License-Identifier: MIT OR Apache-2.0
//! What pictures are recognised by, of each organisation its own. They end with the analyses that they
//! stand beside.
//!
//! Hashes that differ in at most seven bits have a quarter of 16 bits that differs in at most one: each
//! quarter is looked up with its 17 possible values, so that the cost hardly grows with what is kept.

use super::engine::{sql, Connection, Row};
use super::{Store, StoreError};
use crate::claim::Keys;

/// Random bytes of an organisation's key.
const KEY_BYTES: usize = 32;
/// Bits of a quarter.
const QUARTER_BITS: u32 = 16;

/// A fingerprint of a picture that was there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPicture {
    /// The request that it was examined for.
    pub request_id: String,
    /// The fingerprint.
    pub fingerprint: Vec<u8>,
}

/// Which pictures are looked for.
#[derive(Clone, Copy, Debug)]
pub struct LookUp<'a> {
    /// Whose they are.
    pub organisation: &'a str,
    /// The batch that is not looked in, nor in others of its client's own name.
    pub batch_id: &'a str,
}

/// The quarters of a hash, lowest first.
fn quarters(hash: u64) -> [u16; 4] {
    std::array::from_fn(|index| (hash >> (QUARTER_BITS * index as u32)) as u16)
}

/// Keeps a fingerprint in the transaction of its analysis; one that no version of ours wrote is left out.
pub(super) async fn insert(
    connection: &mut Connection,
    request_id: &str,
    organisation: &str,
    fingerprint: &[u8],
) -> Result<(), StoreError> {
    let Some(Keys { digest, hash }) = Keys::of_bytes(fingerprint) else { return Ok(()) };
    let [a, b, c, d] = quarters(hash).map(i64::from);
    sql("INSERT INTO fingerprints (request_id, organisation, digest, hash, quarter_a, quarter_b, \
         quarter_c, quarter_d, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(request_id)
    .bind(organisation)
    .bind(digest.to_vec())
    .bind(hash.cast_signed())
    .bind(a)
    .bind(b)
    .bind(c)
    .bind(d)
    .bind(fingerprint)
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// What an organisation's digests are keyed with; made if there is none yet.
    ///
    /// # Errors
    /// When the database fails, or the system has no random numbers.
    pub async fn fingerprint_key(&self, organisation: &str) -> Result<Vec<u8>, StoreError> {
        let find = "SELECT key FROM fingerprint_keys WHERE organisation = $1";
        if let Some(row) = sql(find).bind(organisation).fetch_optional(&self.pool).await? {
            return Ok(row.try_get(0)?);
        }
        let mut key = vec![0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|e| StoreError::Random(std::io::Error::other(e)))?;
        sql("INSERT INTO fingerprint_keys (organisation, key) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(organisation)
            .bind(key)
            .execute(&self.pool)
            .await?;
        Ok(sql(find).bind(organisation).fetch_one(&self.pool).await?.try_get(0)?)
    }

    /// Pictures whose file has the digest, or whose hash may be near one of `hashes`: the requests, each with
    /// its hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pictures_like(
        &self,
        organisation: &str,
        digest: &[u8; 32],
        hashes: &[u64],
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let values = |index: usize| {
            let quarter = |hash: &u64| quarters(*hash).get(index).copied().unwrap_or(0);
            let near = |value: u16| {
                let flipped = (0..QUARTER_BITS).map(move |bit| value ^ (1 << bit));
                std::iter::once(value).chain(flipped)
            };
            hashes.iter().map(quarter).flat_map(near).map(i64::from).collect::<Vec<_>>()
        };
        let query = sql(
            "SELECT request_id, hash FROM fingerprints WHERE organisation = $1 AND digest = $2 UNION \
             SELECT request_id, hash FROM fingerprints WHERE organisation = $1 AND quarter_a IN \
             (SELECT value FROM json_each($3)) UNION \
             SELECT request_id, hash FROM fingerprints WHERE organisation = $1 AND quarter_b IN \
             (SELECT value FROM json_each($4)) UNION \
             SELECT request_id, hash FROM fingerprints WHERE organisation = $1 AND quarter_c IN \
             (SELECT value FROM json_each($5)) UNION \
             SELECT request_id, hash FROM fingerprints WHERE organisation = $1 AND quarter_d IN \
             (SELECT value FROM json_each($6))",
        );
        let query = query.bind(organisation).bind(digest.to_vec());
        let query = query.bind(values(0)).bind(values(1)).bind(values(2)).bind(values(3));
        let rows = query.fetch_all(&self.pool).await?;
        let found = |row: &Row| -> Result<(String, u64), sqlx::Error> {
            Ok((row.try_get(0)?, row.try_get::<i64>(1)?.cast_unsigned()))
        };
        Ok(rows.iter().map(found).collect::<Result<_, _>>()?)
    }

    /// The fingerprints of requests that a claim is not itself made of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_pictures(
        &self,
        look_up: LookUp<'_>,
        requests: &[String],
    ) -> Result<Vec<KnownPicture>, StoreError> {
        let query = sql(
            "SELECT f.request_id, f.body FROM fingerprints AS f \
             LEFT JOIN jobs AS j ON j.request_id = f.request_id \
             LEFT JOIN batches AS b ON b.batch_id = j.batch_id \
             WHERE f.organisation = $1 AND f.request_id IN (SELECT value FROM json_each($3)) \
             AND (b.batch_id IS NULL OR (b.batch_id <> $2 AND (b.reference_id IS NULL OR \
             b.reference_id IS DISTINCT FROM (SELECT reference_id FROM batches WHERE batch_id = $2)))) \
             ORDER BY f.number DESC",
        );
        let query = query.bind(look_up.organisation).bind(look_up.batch_id);
        let rows = query.bind(requests).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(known).collect::<Result<_, _>>()?)
    }

    /// The newest fingerprints that a claim is not itself made of, at most `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_pictures(
        &self,
        look_up: LookUp<'_>,
        most: u32,
    ) -> Result<Vec<KnownPicture>, StoreError> {
        let query = sql(
            "SELECT f.request_id, f.body FROM fingerprints AS f \
             LEFT JOIN jobs AS j ON j.request_id = f.request_id \
             LEFT JOIN batches AS b ON b.batch_id = j.batch_id \
             WHERE f.organisation = $1 \
             AND (b.batch_id IS NULL OR (b.batch_id <> $2 AND (b.reference_id IS NULL OR \
             b.reference_id IS DISTINCT FROM (SELECT reference_id FROM batches WHERE batch_id = $2)))) \
             ORDER BY f.number DESC LIMIT $3",
        );
        let query = query.bind(look_up.organisation).bind(look_up.batch_id).bind(most);
        let rows = query.fetch_all(&self.pool).await?;
        Ok(rows.iter().map(known).collect::<Result<_, _>>()?)
    }
}

fn known(row: &Row) -> Result<KnownPicture, sqlx::Error> {
    Ok(KnownPicture { request_id: row.try_get(0)?, fingerprint: row.try_get(1)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_falls_into_quarters() {
        assert_eq!(quarters(0x0123_4567_89ab_cdef), [0xcdef, 0x89ab, 0x4567, 0x0123]);
    }
}
