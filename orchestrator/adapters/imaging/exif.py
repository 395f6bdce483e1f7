"""What a camera wrote into a file. Cameras lie: whatever makes no sense counts as absent."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from PIL import Image as Pillow
from PIL.ExifTags import GPS, IFD, Base

from orchestrator.domain.image import Exif, GeoPoint

_MAX_TEXT = 200
_MAX_ISO = 10_000_000


def read_exif(image: Pillow.Image) -> Exif | None:
    """Reads the EXIF of an opened file; None when it bears none that makes sense."""
    try:
        tags = image.getexif()
        if not tags:
            return None
        camera, shot, gps = dict(tags), dict(tags.get_ifd(IFD.Exif)), dict(tags.get_ifd(IFD.GPSInfo))
    except Exception:  # Pillow's parser raises whatever the bytes make it raise, and no pixel depends on it
        return None
    found = Exif(
        camera=_camera(camera),
        lens=_text(shot.get(Base.LensModel)),
        taken_time=_taken_time(camera, shot),
        orientation=_orientation(camera.get(Base.Orientation)),
        gps=_place(gps),
        exposure_seconds=_number(shot.get(Base.ExposureTime), 0, 1e6),
        f_number=_number(shot.get(Base.FNumber), 0, 1e4),
        iso=int(_number(shot.get(Base.ISOSpeedRatings), 0, _MAX_ISO)),
        focal_length_mm=_number(shot.get(Base.FocalLength), 0, 1e5),
    )
    # Every TIFF has tags; they are EXIF only where they tell something.
    return None if image.format == "TIFF" and found == Exif() else found


def _camera(tags: Mapping[int, Any]) -> str:
    maker, model = _text(tags.get(Base.Make)), _text(tags.get(Base.Model))
    return model if not maker or model.lower().startswith(maker.lower()) else f"{maker} {model}".strip()


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    text = value.split("\0", 1)[0].encode("utf-8", "replace").decode("utf-8")
    return "".join(character for character in text if character.isprintable()).strip()[:_MAX_TEXT]


def _number(value: Any, least: float, most: float) -> float:
    if isinstance(value, tuple) and value:
        value = value[0]
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return number if math.isfinite(number) and least <= number <= most else 0.0


def _orientation(value: Any) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _taken_time(camera: Mapping[int, Any], shot: Mapping[int, Any]) -> datetime | None:
    for text, offset in (
        (shot.get(Base.DateTimeOriginal), shot.get(Base.OffsetTimeOriginal)),
        (shot.get(Base.DateTimeDigitized), shot.get(Base.OffsetTimeDigitized)),
        (camera.get(Base.DateTime), shot.get(Base.OffsetTime)),
    ):
        try:
            moment = datetime.strptime(_text(text)[:19], "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
            moment = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{_text(offset) or '+00:00'}")
            return moment.astimezone(UTC) if moment.year > 1 else None
        except (ValueError, OverflowError):
            continue
    return None


def _place(tags: Mapping[int, Any]) -> GeoPoint | None:
    latitude = _degrees(tags.get(GPS.GPSLatitude), tags.get(GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(tags.get(GPS.GPSLongitude), tags.get(GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None:
        return None
    below = tags.get(GPS.GPSAltitudeRef) in (1, b"\x01")
    altitude = _number(tags.get(GPS.GPSAltitude), 0, 1e6)
    return GeoPoint(latitude=latitude, longitude=longitude, altitude_metres=-altitude if below else altitude)


def _degrees(value: Any, reference: Any, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    if not (math.isfinite(angle) and 0 <= angle <= most):
        return None
    return -angle if _text(reference).upper() == negative else angle
