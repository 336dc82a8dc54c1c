"""Words for animals: those that people keep, and their breeds. Data only."""

from typing import Final

_KEPT: Final = (
    "dog cat rabbit hamster horse pony parrot bird turtle tortoise snake lizard gecko ferret "
    "chicken goat hedgehog iguana parakeet cockatiel cockatoo macaw canary budgie rat gerbil "
    "chinchilla duck pig piglet cow donkey llama alpaca frog spider tarantula skunk raccoon "
    "peacock goose toad newt chameleon hen rooster pigeon dove finch lovebird kitten "
    "hermit-crab salamander mule stallion mare pet"
)
_BREEDS: Final = (
    "poodle labrador beagle corgi bulldog dachshund chihuahua terrier retriever shepherd "
    "collie pug doberman rottweiler pitbull dalmatian mastiff spaniel pomeranian maltese schnauzer "
    "hound greyhound whippet bloodhound samoyed malamute akita shih-tzu "
    "labradoodle goldendoodle pekingese mutt ragdoll sphynx"
)
_IRREGULAR: Final = (
    "dog doggo doggy doggie",
    "cat kitty kitties",
    "kitten kittens kitty",
    "puppy puppies pup pups",
    "rabbit bunny bunnies",
    "pony ponies",
    "canary canaries",
    "husky huskies",
    "mouse mice",
    "goose geese",
    "fish fishes goldfish",
    "sheep",
    "siamese",
    "tabby tabbies",
    "guinea-pig guinea-pigs",
)


def _singulars() -> dict[str, str]:
    found = {word: word for word in f"{_KEPT} {_BREEDS}".split()}
    found |= {f"{word}s": word for word in found}
    for entry in _IRREGULAR:
        singular, *others = entry.split()
        found |= {singular: singular, **dict.fromkeys(others, singular)}
    return found


ANIMALS: Final[dict[str, str]] = _singulars()
"""Words for animals that people keep, and their singular."""
