//! An image, made here so that every byte of it is known.

/// A PNG of 100 by 80 grey pixels, stored without being packed.
pub fn png() -> Vec<u8> {
    const SIDES: (u32, u32) = (100, 80);
    let mut header = Vec::new();
    header.extend(SIDES.0.to_be_bytes());
    header.extend(SIDES.1.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    let row = [vec![0_u8], vec![0x77; 100]].concat();
    let rows = row.repeat(80);
    let length = u16::try_from(rows.len()).expect("a short image");
    let mut packed = vec![0x78, 0x01, 0x01];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(&rows);
    packed.extend(adler32(&rows).to_be_bytes());
    let chunks = [
        chunk(*b"IHDR", &header),
        chunk(*b"IDAT", &packed),
        chunk(*b"IEND", b""),
    ];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let length = u32::try_from(data.len()).expect("a short chunk");
    [
        &length.to_be_bytes()[..],
        &named,
        &crc32(&named).to_be_bytes(),
    ]
    .concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    let of_bit = |sum: u32| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    let of_byte = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| of_bit(sum));
    !bytes.iter().fold(!0, of_byte)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}
