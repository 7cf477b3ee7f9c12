"""The app `xray-reader`."""
