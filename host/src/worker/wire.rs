// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values as bytes between the host and a worker: little-endian, without padding, lengths before
//! contents. Numbers keep their bits, so that a score is the same by either road.

use abi_stable::std_types::{ROption, RString, RVec};

/// Bytes that are no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no message of this protocol")]
pub(super) struct Malformed;

/// A value that crosses.
pub(super) trait Wire: Sized {
    /// Writes it behind what is there.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads one and moves `input` behind it.
    ///
    /// # Errors
    /// When the bytes end early or are no such value.
    fn get(input: &mut &[u8]) -> Result<Self, Malformed>;

    /// Writes many, without their number.
    fn put_all(many: &[Self], out: &mut Vec<u8>) {
        many.iter().for_each(|one| one.put(out));
    }

    /// Reads so many. Each takes a byte or more, so that a wrong number ends with the bytes.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn get_all(length: usize, input: &mut &[u8]) -> Result<Vec<Self>, Malformed> {
        let mut many = Vec::new();
        for _ in 0..length {
            many.push(Self::get(input)?);
        }
        Ok(many)
    }
}

/// The value that a whole frame is.
///
/// # Errors
/// When it is none, or something stands behind it.
pub(super) fn whole<M: Wire>(frame: &[u8]) -> Result<M, Malformed> {
    let mut rest = frame;
    let message = M::get(&mut rest)?;
    if rest.is_empty() {
        Ok(message)
    } else {
        Err(Malformed)
    }
}

/// The next `length` bytes.
fn take<'a>(input: &mut &'a [u8], length: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = input.split_at_checked(length).ok_or(Malformed)?;
    *input = rest;
    Ok(taken)
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
                let bytes = take(input, size_of::<Self>())?;
                Ok(Self::from_le_bytes(bytes.try_into().map_err(|_| Malformed)?))
            }
        }
    )+};
}

numbers!(u16, u32, u64, i32, i64, f32, f64);

impl Wire for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        take(input, 1)?.first().copied().ok_or(Malformed)
    }

    fn put_all(many: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(many);
    }

    fn get_all(length: usize, input: &mut &[u8]) -> Result<Vec<Self>, Malformed> {
        take(input, length).map(Into::into)
    }
}

impl Wire for () {
    fn put(&self, _: &mut Vec<u8>) {}

    fn get(_: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(())
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push((*self).into());
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        match u8::get(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

/// A length that is never cut: no value that crosses has four thousand million parts.
fn put_length(length: usize, out: &mut Vec<u8>) {
    u32::try_from(length).unwrap_or(u32::MAX).put(out);
}

fn get_length(input: &mut &[u8]) -> Result<usize, Malformed> {
    usize::try_from(u32::get(input)?).map_err(|_| Malformed)
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        let length = get_length(input)?;
        let text = std::str::from_utf8(take(input, length)?).map_err(|_| Malformed)?;
        Ok(text.to_owned())
    }
}

impl Wire for RString {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        String::get(input).map(Self::from)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.len(), out);
        T::put_all(self, out);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        let length = get_length(input)?;
        T::get_all(length, input)
    }
}

impl<T: Wire> Wire for RVec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_length(self.len(), out);
        T::put_all(self, out);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Vec::get(input).map(Self::from)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        bool::get(input)?.then(|| T::get(input)).transpose()
    }
}

impl<T: Wire + Clone> Wire for ROption<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.clone().into_option().put(out);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Option::get(input).map(Self::from)
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(if bool::get(input)? { Ok(T::get(input)?) } else { Err(E::get(input)?) })
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Ok((A::get(input)?, B::get(input)?))
    }
}

/// A struct crosses field by field.
macro_rules! fields {
    ($($name:ident { $($field:ident),+ })+) => {$(
        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),+ } = self;
                $($field.put(out);)+
            }

            fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
                Ok(Self { $($field: Wire::get(input)?),+ })
            }
        }
    )+};
}

/// An enum without contents crosses as the position in the list.
macro_rules! words {
    ($($name:ident { $($word:ident),+ })+) => {$(
        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                const ALL: &[$name] = &[$($name::$word),+];
                let position = ALL.iter().position(|word| word == self);
                out.push(position.and_then(|p| u8::try_from(p).ok()).unwrap_or(u8::MAX));
            }

            fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
                const ALL: &[$name] = &[$($name::$word),+];
                ALL.get(usize::from(u8::get(input)?)).copied().ok_or(Malformed)
            }
        }
    )+};
}

/// An enum whose variants each have at most one content crosses as the number that is given, then
/// the content.
macro_rules! variants {
    ($($name:ident { $($number:literal = $variant:ident $(($content:ident))?),+ $(,)? })+) => {$(
        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($content))? => {
                        out.push($number);
                        $($content.put(out);)?
                    })+
                }
            }

            fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
                match u8::get(input)? {
                    $($number => {
                        $(let $content = Wire::get(input)?;)?
                        Ok(Self::$variant $(($content))?)
                    })+
                    _ => Err(Malformed),
                }
            }
        }
    )+};
}

pub(super) use {fields, variants, words};
