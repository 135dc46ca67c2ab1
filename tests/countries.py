"""Forty countries, some with a subdivision, each with the zone that its agency lives by."""

from __future__ import annotations

COUNTRIES = {
    "AR": "America/Argentina/Buenos_Aires", "AT": "Europe/Vienna", "AU-ACT": "Australia/Sydney",
    "BR-SP": "America/Sao_Paulo", "CA-ON": "America/Toronto", "CH-ZH": "Europe/Zurich", "CL": "America/Santiago",
    "CN": "Asia/Shanghai", "CO": "America/Bogota", "DE-BY": "Europe/Berlin", "DK": "Europe/Copenhagen",
    "EG": "Africa/Cairo", "ES-MD": "Europe/Madrid", "FI": "Europe/Helsinki", "FR": "Europe/Paris",
    "GB-ENG": "Europe/London", "GR": "Europe/Athens", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "IT": "Europe/Rome", "JP": "Asia/Tokyo", "KE": "Africa/Nairobi",
    "KR": "Asia/Seoul", "LK": "Asia/Colombo", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NG": "Africa/Lagos", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "NZ": "Pacific/Auckland",
    "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "SE": "Europe/Stockholm", "SG": "Asia/Singapore",
    "TR": "Europe/Istanbul", "TW": "Asia/Taipei", "US": "America/New_York", "ZA": "Africa/Johannesburg",
}  # fmt: skip
