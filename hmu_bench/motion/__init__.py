"""Arrays to arrays: skeleton, 263-d features and joints, safe reading."""
