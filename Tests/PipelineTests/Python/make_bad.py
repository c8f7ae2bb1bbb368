"""Fills a folder with files that can't be used and with files whose names are odd: make_bad.py FOLDER

Every file looks a minute old, so that nobody waits for it to settle.
"""
import os
import struct
import sys
import time
import unicodedata
import zlib

from PIL import Image

folder = os.fsencode(sys.argv[1])
os.makedirs(folder, exist_ok=True)


def path(name):
    return os.path.join(folder, name if isinstance(name, bytes) else name.encode())


def write(name, data):
    with open(path(name), "wb") as file:
        file.write(data)


def image(name, kind, seed):
    size = (240, 160)
    pixels = bytes((x * seed + y * 3 + c * 50) % 251 for y in range(size[1]) for x in range(size[0]) for c in range(3))
    Image.frombytes("RGB", size, pixels).save(path(name), kind)
    with open(path(name), "rb") as file:
        return file.read()


jpeg = image("good.jpg", "JPEG", 5)
png = image("good.png", "PNG", 7)

write("zero.jpg", b"")
write("truncated.jpg", jpeg[: len(jpeg) * 2 // 3])
# The first quantisation table says that it is shorter than its own length.
table = jpeg.index(b"\xff\xdb")
write("segment.jpg", jpeg[: table + 2] + b"\x00\x01" + jpeg[table + 4 :])
data = png.index(b"IDAT")
write("crc.png", png[: data + 40] + bytes([png[data + 40] ^ 1]) + png[data + 41 :])
write("text.jpg", b"Dear all, the images are on the other card.\n" * 20)
frame = jpeg.index(b"\xff\xc0")
write("bomb.jpg", jpeg[: frame + 5] + b"\xff\xff\xff\xff" + jpeg[frame + 9 :])
header = b"IHDR" + struct.pack(">II", 65535, 65535) + png[24:29]
write("bomb.png", png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:])
write("scan.jpg", b"II*\x00" + bytes(200))
write("web.jpg", b"RIFF\x00\x10\x00\x00WEBPVP8 " + bytes(200))
write("phone.jpg", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200))
write("\x1b[31mred.jpg", b"")

good = {
    "with space.png": 11,
    "with\nnewline.png": 13,
    unicodedata.normalize("NFC", "Größe é.png"): 17,
    unicodedata.normalize("NFD", "Größe é.png"): 19,
    "a..b.png": 23,
    "-rf.png": 29,
    "日本語.png": 31,
    "x" * 251 + ".png": 37,
    "percent%2E.png": 41,
}
for name, seed in good.items():
    image(name, "PNG", seed)

write(b"caf\xe9.png", png)
os.symlink(b"nowhere.png", path("dangling.png"))
os.symlink(b".", path("loop"))
os.mkfifo(path("pipe.png"))

then = time.time() - 60
for name in os.listdir(folder):
    os.utime(os.path.join(folder, name), (then, then), follow_symlinks=False)
