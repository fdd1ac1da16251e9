use std::fmt;
use std::str::FromStr;

use time::{Date, Duration, Month, Time, UtcDateTime};

/// When a validation record may be removed: the value of its `expiry` attribute (draft-13 §6.3,
/// E-01 to E-07).
///
/// It tells the administrator of the zone when the record is safe to remove. It is no validity:
/// whoever publishes the record can write what he likes here, so the time that counts is the one
/// kept with the challenge (E-07).
///
/// ```
/// use dcv::record::Expiry;
///
/// let expiry: Expiry = "2023-02-08T02:03:19+00:00".parse()?;
/// assert_eq!(expiry.to_string(), "2023-02-08T02:03:19Z");
/// assert_eq!("NEVER".parse(), Ok(Expiry::Never));
/// # Ok::<(), dcv::record::ExpiryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiry {
    /// From this instant on. Written in UTC and whole seconds, fractions cut.
    At(UtcDateTime),
    /// From this day on; the draft leaves open which hour and which time zone (E-04).
    Date(Date),
    /// Not to be removed.
    Never,
}

impl Expiry {
    /// Reads an RFC 3339 `date-time` or `full-date`, or `never` in any ASCII case.
    ///
    /// A `date-time` may have any offset, `z` and `t` in either case, and a fraction, of which
    /// nine digits are kept. Second 60 is read where leap seconds go, at the end of a month in
    /// UTC, and means the first instant of the next day.
    ///
    /// # Errors
    ///
    /// [`ExpiryError`] for anything else, and for instants outside the years 0000 to 9999 in UTC.
    pub fn parse(value: &[u8]) -> Result<Self, ExpiryError> {
        if value.eq_ignore_ascii_case(b"never") {
            return Ok(Self::Never);
        }
        let mut reader = Reader(value);
        let date = reader.date()?;
        if reader.0.is_empty() {
            return Ok(Self::Date(date));
        }
        reader.one_of(b"Tt")?;
        let (time, is_leap) = reader.time()?;
        let ahead = reader.offset()?;
        if !reader.0.is_empty() {
            return Err(ExpiryError::Shape);
        }
        let utc = UtcDateTime::new(date, time)
            .checked_sub(ahead)
            .ok_or(ExpiryError::Range)?;
        if !is_leap {
            return Ok(Self::At(in_range(utc)?));
        }
        let after = utc
            .checked_add(Duration::SECOND)
            .ok_or(ExpiryError::Range)?;
        if (after.day(), after.hour(), after.minute(), after.second()) != (1, 0, 0, 0) {
            return Err(ExpiryError::LeapSecond);
        }
        Ok(Self::At(in_range(after)?))
    }

    /// The instant from which the record is safe to remove; nothing for [`Expiry::Never`].
    ///
    /// A date counts to the end of its day in UTC and one more day, which is past the end of that
    /// day in every time zone (E-04).
    #[must_use]
    pub fn safe_to_remove_after(&self) -> Option<UtcDateTime> {
        match self {
            Self::At(instant) => Some(*instant),
            Self::Date(date) => Some(date.midnight().as_utc().saturating_add(Duration::days(2))),
            Self::Never => None,
        }
    }

    /// Whether RFC 3339 can write it: years have four digits and no sign.
    pub(super) fn is_writable(&self) -> bool {
        match self {
            Self::At(instant) => in_range(*instant).is_ok(),
            Self::Date(date) => (0..=9999).contains(&date.year()),
            Self::Never => true,
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(instant) => {
                let (hour, minute, second) = instant.as_hms();
                write_date(f, instant.date())?;
                write!(f, "T{hour:02}:{minute:02}:{second:02}Z")
            }
            Self::Date(date) => write_date(f, *date),
            Self::Never => f.write_str("never"),
        }
    }
}

impl FromStr for Expiry {
    type Err = ExpiryError;

    fn from_str(text: &str) -> Result<Self, ExpiryError> {
        Self::parse(text.as_bytes())
    }
}

fn write_date(f: &mut fmt::Formatter<'_>, date: Date) -> fmt::Result {
    write!(
        f,
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

fn in_range(instant: UtcDateTime) -> Result<UtcDateTime, ExpiryError> {
    if (0..=9999).contains(&instant.year()) {
        Ok(instant)
    } else {
        Err(ExpiryError::Range)
    }
}

/// Why the value of an `expiry` attribute cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ExpiryError {
    /// It has none of the three shapes.
    #[error(
        "the expiry is neither `never` nor a date like 2030-01-31 nor a time like \
         2030-01-31T12:00:00Z"
    )]
    Shape,
    /// There is no such day.
    #[error("the expiry names a day that does not exist")]
    NoSuchDay,
    /// There is no such time of day, or no such offset.
    #[error("the expiry names a time of day or an offset that does not exist")]
    NoSuchTime,
    /// Second 60 in a place where leap seconds do not go.
    #[error("the expiry has a second 60 that is not at the end of a month in UTC")]
    LeapSecond,
    /// The instant is outside the years 0000 to 9999 in UTC.
    #[error("the expiry is outside the years 0000 to 9999")]
    Range,
}

/// RFC 3339 §5.6. By hand, because `time` takes more than the grammar has, such as a space for
/// the `T`, and a second 60 on any day.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn date(&mut self) -> Result<Date, ExpiryError> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.pair()?;
        self.one_of(b"-")?;
        let day = self.pair()?;
        let month = Month::try_from(month).map_err(|_| ExpiryError::NoSuchDay)?;
        let year = i32::try_from(year).map_err(|_| ExpiryError::NoSuchDay)?;
        Date::from_calendar_date(year, month, day).map_err(|_| ExpiryError::NoSuchDay)
    }

    /// The time of day, and whether its second is 60; that is given as 59.
    fn time(&mut self) -> Result<(Time, bool), ExpiryError> {
        let hour = self.pair()?;
        self.one_of(b":")?;
        let minute = self.pair()?;
        self.one_of(b":")?;
        let second = self.pair()?;
        let nanosecond = if self.one_of(b".").is_ok() {
            self.fraction()?
        } else {
            0
        };
        let is_leap = second == 60;
        let second = if is_leap { 59 } else { second };
        // A leap second stands for the instant after it, whatever its fraction.
        let nanosecond = if is_leap { 0 } else { nanosecond };
        let time = Time::from_hms_nano(hour, minute, second, nanosecond)
            .map_err(|_| ExpiryError::NoSuchTime)?;
        Ok((time, is_leap))
    }

    /// The digits of a fraction of a second, as nanoseconds.
    fn fraction(&mut self) -> Result<u32, ExpiryError> {
        let length = self
            .0
            .iter()
            .take_while(|octet| octet.is_ascii_digit())
            .count();
        if length == 0 {
            return Err(ExpiryError::Shape);
        }
        let kept = length.min(9);
        let digits = self.digits(kept)?;
        self.0 = self
            .0
            .get(length.saturating_sub(kept)..)
            .unwrap_or_default();
        Ok((kept..9).fold(digits, |nanosecond, _| nanosecond.saturating_mul(10)))
    }

    /// How far the local time is ahead of UTC.
    fn offset(&mut self) -> Result<Duration, ExpiryError> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(Duration::ZERO),
        };
        let hours = self.pair()?;
        self.one_of(b":")?;
        let minutes = self.pair()?;
        if hours > 23 || minutes > 59 {
            return Err(ExpiryError::NoSuchTime);
        }
        Ok(Duration::minutes(
            sign * (i64::from(hours) * 60 + i64::from(minutes)),
        ))
    }

    fn one_of(&mut self, allowed: &[u8]) -> Result<u8, ExpiryError> {
        match self.0.split_first() {
            Some((octet, rest)) if allowed.contains(octet) => {
                self.0 = rest;
                Ok(*octet)
            }
            _ => Err(ExpiryError::Shape),
        }
    }

    fn pair(&mut self) -> Result<u8, ExpiryError> {
        u8::try_from(self.digits(2)?).map_err(|_| ExpiryError::Shape)
    }

    /// Exactly `count` decimal digits, at most nine.
    fn digits(&mut self, count: usize) -> Result<u32, ExpiryError> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(ExpiryError::Shape)?;
        self.0 = rest;
        digits.iter().try_fold(0_u32, |number, octet| match octet {
            b'0'..=b'9' => Ok(number
                .saturating_mul(10)
                .saturating_add(u32::from(octet - b'0'))),
            _ => Err(ExpiryError::Shape),
        })
    }
}
