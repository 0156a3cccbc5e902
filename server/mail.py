"""Sends a mail by SMTP, never unencrypted to another machine."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from ipaddress import ip_address

from server.errors import RapportError
from server.mail_addresses import MailServer

SECONDS = 20.0


class MailNotSent(RapportError):
    """The mail server did not take it; the text says as much as may be told."""


class AddressRefused(MailNotSent):
    """It takes others, but none for this address."""


class Postbox:
    """Where mails are handed in. ``sender``: the address that they come from."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server, self.sender = server, sender

    def send(self, to: str, subject: str, text: str, unsubscribe: str = "") -> None:
        """Send a mail. ``unsubscribe``: an address that ends them by one click (RFC 8058). Raises MailNotSent."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Auto-Submitted"] = "auto-generated"
        if unsubscribe:
            message["List-Unsubscribe"] = f"<{unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(text)
        try:
            with self._connected() as connection:
                if self._server.user:
                    connection.login(self._server.user, self._server.password)
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused:
            raise AddressRefused("The mail server takes no mail for that address.") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise MailNotSent(f"The mail server did not take the mail ({type(problem).__name__}).") from None

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        if server.is_encrypted:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        # A password, or whom somebody watches, must not cross a network in clear.
        if not _is_this_machine(server.host):
            connection.starttls(context=context)
        return connection


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
