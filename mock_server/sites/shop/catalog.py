"""What the shop sells, in the order of its shelves.

Owns: products, their facts and the money arithmetic (whole cents). Must not: know pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CATEGORIES: Final = {
    "kitchen": "Kitchen",
    "lighting": "Lighting",
    "desk": "Desk & Office",
    "travel": "Travel",
}


@dataclass(frozen=True, slots=True)
class Review:
    """What one customer wrote."""

    author: str
    stars: int
    title: str
    text: str
    date: str


@dataclass(frozen=True, slots=True)
class Product:
    """One article. Prices in cents; ``was`` is the price before a sale, 0 if there is none."""

    slug: str
    name: str
    category: str
    price: int
    was: int
    rating: float
    reviews: int
    stock: int
    blurb: str
    specs: tuple[tuple[str, str], ...]

    @property
    def sku(self) -> str:
        return f"NL-{self.category[0].upper()}{sum(map(ord, self.slug)) % 900 + 100}"

    @property
    def availability(self) -> str:
        """Return the text that the pages show: in stock, nearly gone or sold out."""
        if not self.stock:
            return "Out of stock"
        return f"Only {self.stock} left" if self.stock <= FEW else "In stock"


FEW: Final = 5


def money(cents: int) -> str:
    """Return an amount as the shop writes it: ``$1,029.99``."""
    return f"${cents // 100:,}.{cents % 100:02d}"


PRODUCTS: Final[tuple[Product, ...]] = (
    Product("pour-over-kettle", "Gooseneck Pour-Over Kettle", "kitchen", 4999, 6499, 4.7, 312, 41,
        "A slow, steady stream and a handle that stays cool. Works on gas, electric and induction hobs.",
        (("Capacity", "1.0 litre"), ("Material", "Stainless steel"), ("Weight", "780 g"), ("Colour", "Brushed steel"))),
    Product("linen-desk-lamp", "Linen Shade Desk Lamp", "lighting", 2999, 0, 4.5, 188, 23,
        "Warm, even light from a linen shade on a solid oak foot, with a dimmer on the cord.",
        (("Height", "42 cm"), ("Bulb", "E14, up to 9 W LED"), ("Cord", "1.8 m, with dimmer"), ("Material", "Oak and linen"))),
    Product("weekender-bag", "Canvas Weekender Bag", "travel", 8900, 0, 4.8, 421, 12,
        "Waxed canvas, brass fittings and room for three days. Fits under most aircraft seats.",
        (("Volume", "38 litres"), ("Size", "50 × 30 × 25 cm"), ("Weight", "1.3 kg"), ("Colour", "Olive"))),
    Product("monitor-shelf", "Walnut Monitor Shelf", "desk", 6450, 7500, 4.6, 97, 18,
        "Lifts the screen to eye level and clears the desk for everything else.",
        (("Width", "60 cm"), ("Load", "up to 25 kg"), ("Material", "Solid walnut"), ("Care", "Wipe with a dry cloth"))),
    Product("cast-iron-skillet", "Cast Iron Skillet 26 cm", "kitchen", 3499, 0, 4.9, 540, 64,
        "Seasoned twice and ready to use. It will outlive the stove it stands on.",
        (("Diameter", "26 cm"), ("Weight", "2.3 kg"), ("Material", "Cast iron"), ("Oven safe", "Yes"))),
    Product("noise-masking-earplugs", "Soft Silicone Earplugs (3 pairs)", "travel", 1250, 0, 4.1, 76, 210,
        "Three sizes in one tin, so that one of them fits.",
        (("Noise reduction", "27 dB"), ("Material", "Medical silicone"), ("Contents", "3 pairs and a tin"), ("Reusable", "Yes"))),
    Product("paper-pendant", "Folded Paper Pendant", "lighting", 5400, 0, 4.3, 58, 9,
        "Folded by hand from heavy paper. Ships flat and takes ten minutes to shape.",
        (("Diameter", "45 cm"), ("Bulb", "E27, up to 12 W LED"), ("Cord", "2.5 m"), ("Material", "Cotton paper"))),
    Product("desk-pad", "Wool Felt Desk Pad", "desk", 2800, 3500, 4.4, 143, 77,
        "Keeps the desk quiet and the wrists warm.",
        (("Size", "80 × 40 cm"), ("Thickness", "4 mm"), ("Material", "100% wool felt"), ("Colour", "Slate"))),
    Product("french-press", "Double-Wall French Press", "kitchen", 4200, 0, 4.2, 204, 4,
        "Steel walls keep the coffee hot for an hour, and there is no glass to break.",
        (("Capacity", "0.8 litre"), ("Material", "Stainless steel"), ("Filter", "Two-stage mesh"), ("Dishwasher safe", "Yes"))),
    Product("packing-cubes", "Packing Cubes, Set of 4", "travel", 2650, 0, 4.6, 389, 120,
        "Four light cubes with mesh lids. Your suitcase, but with drawers.",
        (("Sizes", "S, M, L and a shoe bag"), ("Weight", "310 g together"), ("Material", "Recycled polyester"), ("Washable", "30 °C"))),
    Product("reading-light", "Clip-On Reading Light", "lighting", 1799, 2299, 4.0, 266, 95,
        "A neck that stays where you bend it and a light that does not wake anyone.",
        (("Battery life", "20 hours"), ("Charging", "USB-C"), ("Weight", "68 g"), ("Brightness", "3 levels"))),
    Product("fountain-pen", "Everyday Fountain Pen", "desk", 3200, 0, 4.7, 331, 38,
        "A steel nib with a little spring, in a body that does not mind being dropped.",
        (("Nib", "Medium, steel"), ("Filling", "Cartridge or converter"), ("Weight", "22 g"), ("Colour", "Petrol blue"))),
    Product("spice-rack", "Magnetic Spice Rack", "kitchen", 3875, 0, 3.9, 64, 15,
        "Ten jars that hold on to the side of the fridge.",
        (("Jars", "10"), ("Size", "32 × 18 cm"), ("Material", "Powder-coated steel"), ("Mounting", "Magnetic"))),
    Product("travel-adapter", "World Travel Adapter", "travel", 3490, 3990, 4.4, 512, 83,
        "One cube for 150 countries, with two USB-C ports.",
        (("Ports", "1 socket, 2 × USB-C, 1 × USB-A"), ("Power", "35 W"), ("Weight", "145 g"), ("Fuse", "10 A, replaceable"))),
    Product("floor-lamp", "Arc Floor Lamp", "lighting", 14900, 17900, 4.5, 71, 3,
        "A marble foot, a long steel arc and light exactly where the sofa is.",
        (("Height", "195 cm"), ("Reach", "105 cm"), ("Bulb", "E27, up to 15 W LED"), ("Weight", "14 kg"))),
    Product("notebook-set", "Dot Grid Notebooks, Set of 3", "desk", 1900, 0, 4.8, 602, 300,
        "Paper that takes ink well, in a format that fits a coat pocket.",
        (("Pages", "96 each"), ("Paper", "90 g/m², ivory"), ("Format", "A6"), ("Binding", "Sewn, opens flat"))),
    Product("chef-knife", "Chef's Knife 20 cm", "kitchen", 7950, 0, 4.8, 275, 29,
        "Forged from one piece and balanced where the fingers close.",
        (("Blade", "20 cm"), ("Steel", "X50CrMoV15"), ("Handle", "Ash wood"), ("Care", "Wash by hand"))),
    Product("neck-pillow", "Memory Foam Neck Pillow", "travel", 2400, 0, 3.7, 158, 0,
        "Holds the head up on the side, where most pillows give in.",
        (("Filling", "Memory foam"), ("Cover", "Cotton, removable"), ("Weight", "340 g"), ("Packed size", "15 × 12 cm"))),
    Product("string-lights", "Outdoor String Lights 10 m", "lighting", 2575, 0, 4.2, 190, 56,
        "Twenty warm bulbs that survive a rainy summer.",
        (("Length", "10 m"), ("Bulbs", "20, replaceable"), ("Protection", "IP44"), ("Power", "20 W"))),
    Product("cable-tray", "Under-Desk Cable Tray", "desk", 2225, 0, 4.3, 118, 47,
        "Everything that hangs, out of sight. Four screws and a quarter of an hour.",
        (("Length", "60 cm"), ("Load", "up to 6 kg"), ("Material", "Steel mesh"), ("Colour", "White or black"))),
    Product("bread-box", "Bamboo Bread Box", "kitchen", 4550, 5200, 4.4, 133, 22,
        "Room for two loaves behind a lid that is also a cutting board.",
        (("Size", "35 × 21 × 18 cm"), ("Material", "Bamboo"), ("Weight", "2.1 kg"), ("Lid", "Cutting board"))),
    Product("luggage-scale", "Digital Luggage Scale", "travel", 1499, 0, 4.5, 240, 68,
        "Weigh the suitcase before the airline does.",
        (("Range", "up to 50 kg"), ("Accuracy", "10 g"), ("Battery", "1 × AAA, included"), ("Weight", "95 g"))),
    Product("bedside-lamp", "Ceramic Bedside Lamp", "lighting", 4100, 0, 4.6, 82, 14,
        "A glazed foot, no two alike, and a switch you find in the dark.",
        (("Height", "31 cm"), ("Bulb", "E14, up to 7 W LED"), ("Material", "Stoneware and cotton"), ("Colour", "Sea green"))),
    Product("footrest", "Rocking Footrest", "desk", 5625, 0, 4.1, 49, 8,
        "Keeps the ankles moving while the rest of you is in a meeting.",
        (("Size", "45 × 33 cm"), ("Angle", "0 to 20°"), ("Material", "Beech"), ("Load", "up to 60 kg"))),
)  # fmt: skip

BY_SLUG: Final = {product.slug: product for product in PRODUCTS}

SORTS: Final = {
    "featured": "Featured",
    "price-asc": "Price: low to high",
    "price-desc": "Price: high to low",
    "rating": "Customer rating",
    "name": "Name: A to Z",
}


def find(
    query: str = "", category: str = "", sort: str = "featured", *, in_stock: bool = False, on_sale: bool = False
) -> list[Product]:
    """Return what fits, sorted; unknown categories and orders count as not given."""
    words = query.casefold().split()
    found = [
        product
        for product in PRODUCTS
        if (category not in CATEGORIES or product.category == category)
        and (product.stock or not in_stock)
        and (product.was or not on_sale)
        and all(word in _searchable(product) for word in words)
    ]
    match sort:
        case "price-asc":
            found.sort(key=lambda product: product.price)
        case "price-desc":
            found.sort(key=lambda product: -product.price)
        case "rating":
            found.sort(key=lambda product: (-product.rating, -product.reviews))
        case "name":
            found.sort(key=lambda product: product.name.casefold())
    return found


def _searchable(product: Product) -> str:
    return f"{product.name} {product.blurb} {CATEGORIES[product.category]}".casefold()


def related(product: Product) -> Sequence[Product]:
    """Return three others of the same category, those that follow on the shelf first."""
    shelf = [other for other in PRODUCTS if other.category == product.category]
    start = shelf.index(product) + 1
    return [*shelf[start:], *shelf[: start - 1]][:3]


def reviews_of(product: Product) -> list[Review]:
    """Return the three reviews shown on the page of ``product``; the same ones every time."""
    start = sum(map(ord, product.slug))
    stars = (5, 4, 5) if product.rating >= 4.5 else (5, 4, 3)  # noqa: PLR2004 - the upper end of five stars
    shown = []
    for number, count in enumerate(stars):
        author, date = _REVIEWERS[(start + number * 3) % len(_REVIEWERS)]
        title, text = _OPINIONS[count][(start + number) % len(_OPINIONS[count])]
        shown.append(Review(author, count, title, text, date))
    return shown


_REVIEWERS: Final = (
    ("Annika R.", "2 November 2026"), ("Tomasz W.", "18 October 2026"), ("Priya S.", "27 September 2026"),
    ("Jonas L.", "9 September 2026"), ("Maëlle D.", "30 August 2026"), ("Owen P.", "14 August 2026"),
    ("Chiara B.", "1 August 2026"), ("Henrik N.", "22 July 2026"), ("Sadia K.", "5 July 2026"), ("Luis F.", "19 June 2026"),
)  # fmt: skip

_OPINIONS: Final = {
    5: (
        ("Better than expected", "Arrived within three days, well packed. I have used it every day since."),
        ("Worth every cent", "I hesitated because of the price, and I should not have. It feels solid and looks better than in the pictures."),
        ("Bought a second one", "The first is still like new after a year, so the second is for my sister."),
    ),
    4: (
        ("Very good, one small thing", "Does what it should. I would have liked a slightly longer instruction sheet."),
        ("Nearly perfect", "Good materials and well made. The colour is a little darker than on my screen."),
        ("Happy with it", "No complaints about the quality. Delivery took a week."),
    ),
    3: (
        ("It is all right", "It works, but the finish on the underside could be cleaner."),
        ("Mixed feelings", "Nice to look at. I find it a bit smaller than I imagined, so do check the measurements."),
        ("Fine for the price", "Nothing special and nothing wrong with it either."),
    ),
}  # fmt: skip
