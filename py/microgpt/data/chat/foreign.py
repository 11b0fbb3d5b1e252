"""Questions that a model of this size cannot answer. It shall say so."""

from .cast import NAMES as KNOWN
from .cast import unknown_animal
from .dice import Pool
from .phrasing import capital, careless, wording
from .words import NAMES, made_up_word

UNKNOWN = "I do not know that."

PLACES = Pool(
    """France Japan Brazil Egypt Canada India Kenya Peru Norway China Spain Italy Greece Turkey
    Mexico Chile Sweden Poland Cuba Ghana Nepal Iran Austria Russia Germany England London Paris
    Rome Berlin Tokyo Cairo Lima Madrid Vienna Moscow Delhi Sydney Boston Texas Africa Europe Asia
    America Ireland Finland Vietnam Korea"""
)
SUBJECTS = Pool(
    """weather|news|football|history|physics|chemistry|politics|music|fashion|medicine|law|cars
    |computers|space|dinosaurs|electricity|gravity|philosophy|art|money|taxes|bitcoin|religion|war
    |cooking|tennis|chess|biology|planets|volcanoes|painting|poetry|geography|energy|oil|robots
    |films|the stock market|the moon|the sun|the ocean"""
)
PEOPLE = Pool(
    """Einstein Newton Mozart Shakespeare Darwin Napoleon Cleopatra Picasso Galileo Plato Gandhi
    Caesar Beethoven Columbus Aristotle Edison Tesla Curie Bach Kant Homer Dante Goethe Chopin
    Turing Lovelace Lincoln Washington Churchill Rembrandt"""
)
OF_PLACES = (
    *("What is the capital of {}?", "Who rules {}?", "How many people live in {}?"),
    *("Where is {}?", "How big is {}?", "What is the weather in {}?", "How far is {}?"),
    *("Who is the president of {}?", "What do people eat in {}?", "Tell me about {}."),
    *("What language do they speak in {}?", "How old is {}?", "When was {} founded?"),
    *("What is the highest mountain of {}?", "How do I get to {}?", "Have you been to {}?"),
    *("What money do they use in {}?", "Is it warm in {} now?", "Which river runs through {}?"),
    *(
        "Who governs {}?",
        "Is {} bigger than Malta?",
        "What is {} famous for?",
        "Where does {} lie?",
    ),
    *("How long is the flight to {}?", "What happened in {} last week?", "Describe {} to me."),
    *("Did {} win the match?", "What is the time in {}?", "Is a holiday in {} expensive?"),
)
OF_SUBJECTS = (
    *("What do you think about {}?", "Explain {}.", "Tell me about {}.", "What is new in {}?"),
    *("How does {} work?", "Why is there {}?", "Can you explain {} to me?", "Do you like {}?"),
    *("Who invented {}?", "What is {}?", "Give me a fact about {}.", "Where can I learn {}?"),
    *("Which school teaches {}?", "What should I know about {}?"),
    *("How do I begin with {}?", "Is {} dangerous?", "What are the rules of {}?"),
    *("Which book about {} is good?", "Who knows most about {}?", "Are you interested in {}?"),
    *("What is the history of {}?", "I have a question about {}.", "What is the point of {}?"),
)
OF_PEOPLE = (
    *("Who was {}?", "When was {} born?", "What did {} do?", "When did {} die?", "Who is {}?"),
    *("Tell me about {}.", "What is {} known for?", "Where was {} born?", "Did you meet {}?"),
    *("Why is {} famous?", "How old did {} become?", "What would {} say?", "Was {} married?"),
    *("What land was {} from?", "Did {} write books?", "How did {} die?"),
)
ALONE = Pool(
    """Why is the sky blue?|What time is it?|What day is today?|Will it rain tomorrow?
    |Who won the world cup?|What is the meaning of life?|How do planes fly?|What is love?
    |Why do cats purr?|How tall is the highest mountain?|What is the speed of light?
    |Who wrote the bible?|What is in the news?|How do I cook rice?|What shall I wear?
    |Which car should I buy?|How do I learn to swim?|What is your favourite film?|Who is the king?
    |How deep is the sea?|Why is water wet?|Is there life on Mars?|What is a black hole?
    |How do I lose weight?|Where are my keys?|What is my name?|How old am I?|Where do I live?
    |What am I thinking?|Can pigs fly?|Who let the dogs out?|What is the square root of 49?
    |What is 2 to the power of 8?|How much is a dollar?|What is the best phone?|Write code for me
    |Translate this|What did I eat today?|How many stars are there?|When does the train leave?
    |How warm is it?|Is God real?|What comes after death?|Which team is best?|Who will win?
    |What is the sine of 30?|Solve the equation x + 3 = 5|Get me a flight|Turn on the light
    |Play some music|Call my mother|Order a pizza|Set an alarm|What is the password?|Draw a cat
    |How do magnets work?|What should I do today?|What is the price of gold?
    |What is the capital of Australia?|Name the capital city of Portugal
    |Who is president of the USA?|Who is the prime minister now?|Which president came first?
    |Who won the election?|Who won the match last night?|What was the score of the final?
    |Who is the fastest runner?|Who holds the long jump record?
    |How many players has a cricket team?|When are the next Olympic games?
    |When did the second world war end?|When did the Roman empire fall?|Who discovered America?
    |In which year did the wall fall?|Who was the first man on the moon?|What happened in 1789?
    |Who built the pyramids?|How hot will it be on Sunday?|Do I need an umbrella today?
    |Is it snowing outside?|What is the temperature outside?|When does the sun rise?
    |How much does a loaf of bread cost?|What does a new house cost?|How expensive is petrol now?
    |What are the shares of the bank worth?|How many euros do I get for a pound?
    |What is the latest news?|What happened today?|What is on television tonight?
    |Which book should I read?|What is the best song ever?|Do you prefer tea or coffee?
    |Is it better to be rich or clever?|Should I marry him?|What do you think of my dress?
    |Who is the best painter?|How do you say bye in French?|What is the German word for house?
    |Translate good morning into Spanish|What does gracias mean?|Say hello in Japanese
    |What is the opposite of brave?|Give me another word for happy|What rhymes with orange?
    |What is a verb?|Who wrote Hamlet?|Who painted the Mona Lisa?|Who sang that song?
    |Who plays the main part in the film?|What is the longest river?|Which land is the largest?
    |Which ocean is the deepest?|How many countries are there?|How far is the moon?
    |How hot is the sun?|How old is the earth?|How many bones does a man have?
    |What is water made of?|Why do leaves fall in autumn?|Why do we dream?|Why is the sea salty?
    |How do bees make honey?|What do pandas eat?|How long do elephants live?
    |What is the fastest animal?|How do I bake bread?|How long must I boil an egg?
    |What shall I cook tonight?|How do I fix my bike?|My computer is slow, what can I do?
    |How do I tie a tie?|How do I get a stain out of a shirt?|I have a headache, what helps?
    |Is coffee healthy?|Which doctor should I see?|Where is the next chemist?
    |Which bus goes to the station?|When does the shop open?
    |What is the phone number of the school?|Who is calling me?|What is my sister called?
    |What did I do yesterday?|When is my birthday?|What am I holding?|Where did I park the car?
    |Send a message to my boss|Remind me at six|Book a table for two|Open the window
    |Show me a picture of a horse|Search the web for shoes|What is the wifi password?
    |Which day is Easter this year?|What is the date today?|How many days until Christmas?
    |Do ghosts exist?|Will there be a war?|What will happen next year?|Who will be president?
    |What are the lottery numbers?|Are there people on other planets?|What is happiness?
    |What came first, the hen or the egg?|Write a program in Python|What is machine learning?
    |How does the internet work?|What is the tallest building?|Who founded the red cross?
    |Who is the richest man?|Who is the pope?|What is democracy?|How do I become famous?
    |What is the cube root of 27?|What is the value of pi?|Is 91 a prime number?
    |What is the derivative of x squared?"""
)


def unknown(dice):
    kind = dice.random()
    if kind < 0.25:
        text = asked(dice, OF_PLACES, PLACES)
    elif kind < 0.45:
        text = asked(dice, OF_SUBJECTS, SUBJECTS)
    elif kind < 0.6:
        text = asked(dice, OF_PEOPLE, PEOPLE)
    elif kind < 0.8:
        text = dice.pick(ALONE)
    else:  # somebody who is not of the cast
        stranger = capital(made_up_word(dice)) if dice.chance(0.5) else dice.pick(NAMES)
        if stranger in KNOWN:
            return unknown(dice)
        text = unknown_animal(dice, stranger)
    return [(careless(dice, text), UNKNOWN)]


def asked(dice, patterns, pool):
    pattern, what = dice.draw(
        lambda: (dice.one_of(patterns), dice.pick(pool)),
        lambda both: ("foreign", wording(both[0]), both[1]),
    )
    return pattern.format(what)
