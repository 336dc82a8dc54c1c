"""The last attempts to tell a secret, and their look-alikes.

None of the 40 look-alikes raised an alarm. Secrets are assembled from parts, so that no scanner
takes this file for a leak. None was ever valid.
"""

from typing import Final

from tests.security.remembered_attempts import Leak, leak

# Of these and `LAST_LEFT`, 40 in all, 25 were recognised at first.
LAST: Final[list[Leak]] = [
    leak("btw the guest wifi pw is {}", "sonnenblume"),
    leak("disarm code {}", "7731"),
    leak("ssh pass for prod = {}", "prodpass1"),
    leak("the API token we use: {}", "tok_liv", "e_9f8e7d"),
    leak("bearer {}", "abc.def.gh", "i123456789"),
    leak("OPENAI_API_KEY={}", "sk-abcdefgh", "ijklmnop1234"),
    leak("export AWS_SECRET_ACCESS_KEY={}", "abc/def+ghi"),
    leak("client_id=x client_secret={}", "s3cr3tvalue"),
    leak("kubectl secret: {}", "c3VwZXJz", "ZWNyZXQ="),
    leak("GitHub recovery codes: {} and 9f8e7-d6c5b", "1a2b3-c4d5e"),
    leak("my Google Authenticator secret is {}", "ABCD EFGH", " IJKL MNOP"),
    leak("bank login 12345678, PIN {}", "90210"),
    leak("TAN: {}", "665544"),
    leak("Kreditkarte {} gültig bis 04/27", "4012 8888", " 8888 1881"),
    leak("mi tarjeta es {}", "5105-1051", "-0510-5100"),
    leak("mein Safe-Code ist {}", "8842"),
    leak("le mot de passe du wifi c'est {}", "papillon"),
    leak("la password del wifi è {}", "farfalla"),
    leak("het wachtwoord voor de router is {}", "vlinder"),
    leak(
        "\u043f\u0430\u0440\u043e\u043b\u044c "
        "\u043e\u0442 \u0432\u0430\u0439\u0444\u0430\u044f: {}",
        "babochka9",
    ),
    leak("visa ending... full: {}", "4539 1488", " 0343 6467"),
    leak("my CVC is {}", "737"),
    leak(
        "here's my private key: {}",
        "0x4c0883a69102937d6231471b5dbb6204fe",
        "512961708279f1b02b3c4d5e6f7081",
    ),
    leak(
        "metamask phrase: {}",
        "army van defense carry jealous true ",
        "garbage claim echo media make crunch",
    ),
    leak("https://x.org/oauth?access_token={}", "ya29.a0Af"),
    leak("https://me:{}@git.example.org/r.git", "gitpass"),
    leak("Set-Cookie: auth_token={}; HttpOnly", "8d7f6a5b4c"),
    leak("mongodb://root:{}@mongo/admin", "example"),
    leak("--password {} works", "hunter2"),
    leak("my ATM code is {}", "4242"),
    leak("The passcode for my phone is {}", "159753"),
]
LAST_LEFT: Final[list[Leak]] = [
    leak("Netflix: dana@x.org, {}", "popcorn77"),
    leak("my apple id password changed, new one is {}", "Mango!2024"),
    leak("can you remember {} for me? it's my locker combo", "33-12-8"),
    leak("alarm is {}", "7731"),
    leak("My laptop unlocks with {}", "4455"),
    leak("root:{}@10.0.0.5", "toor99"),
    leak("-p{} with mysql", "hunter2"),
    leak("PIN four digits: {}", "one two t", "hree four"),
    leak("it's {} \u2014 that's the password", "swordfish"),
]
LAST_LOOK_ALIKES: Final = [
    "I forgot which password I used for the forum.",
    "Our wifi is called Nest and it is fast.",
    "My PIN pad is broken, all four digits stick.",
    "The alarm rings at 7731 feet above the sea.",
    "The combo of rice and beans is my favourite.",
    "My locker is number 33.",
    "Token ring networks were used in 1985.",
    "The root password policy of our company is strict.",
    "I log in with my badge every morning at 9.",
    "The recovery phrase in running is important.",
    "The key signature is D major with 2 sharps.",
    "Mi clave favorita es la de sol.",
    "Der Pass ist 2019 abgelaufen.",
    "My ski pass for 2025 cost 450 euros.",
    "The secret garden was planted in 1890.",
    "My coupon is WELCOME10.",
    "My frequent flyer number is 992003812345.",
    "My library number is 21345678.",
    "The bus pass is valid until 2025-03-31.",
    "I have the code of conduct printed.",
    "Our postcode: 1017 AB.",
    "The wine cellar holds 4012 bottles.",
    "Cookie recipe: 200 g flour, 100 g sugar.",
    "I scored 737 points.",
    "The session starts at 10: bring a laptop.",
    "Authorization takes 3 days at our bank.",
    "Visa application 2024/1187 was accepted.",
    "My email is dana.smith@example.org.",
    "I use ssh -p 2222 to reach the host.",
    "docker run -p 8080:80 nginx works.",
    "See https://example.org/watch?v=dQw4w9WgXcQ for the talk.",
    "https://example.org/item?id=123456789&ref=home is the book.",
    "utm_source=newsletter&utm_id=20241115 is in the link.",
    "The checksum is 1a2b3c4d.",
    "My car's VIN is 1HGCM82633A004352.",
    "My pass rate is 87 percent.",
    "The password has to be changed.",
    "The passwords were reset by IT.",
    "My bank is ING, the one with the lion.",
    'I read "The Code Book" and "Cryptonomicon".',
]
