"""Django's admin over its own users and groups: ``prepare`` fills the database, a port serves it."""

import sys

import django
from django.conf import settings
from django.contrib import admin
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="x" * 60,
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    STATIC_URL="/static/",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
urlpatterns = [path("admin/", admin.site.urls)]
if __name__ == "__main__":
    from django.core.management import call_command, execute_from_command_line

    if sys.argv[1] == "prepare":
        from django.contrib.auth.models import Group, User

        call_command("migrate", verbosity=0)
        User.objects.create_superuser("admin", "admin@site.example", "mill-race-42")
        User.objects.create_user("ada", "ada@site.example", "mill-race-42")
        User.objects.create_user("bo", "bo@site.example", "mill-race-42", first_name="Bo")
        for name in ("Old hands", "Writers"):
            Group.objects.create(name=name)
    else:
        execute_from_command_line(["site", "runserver", "--noreload", "127.0.0.1:" + sys.argv[1]])
