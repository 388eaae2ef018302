from tests.security.conftest import certificates, users_file

__all__ = ["certificates", "users_file"]
